"""Every (role, act) cell of the permission table, asked of the database and not of the card."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from domains.people import Caller, set_roles
from domains.policy import Delegation
from kit.db import Database, TenantSession
from kit.errors import NotAllowed
from orchestrators.audit_log import AuditOrchestrator
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.home import HomeOrchestrator
from orchestrators.known import KnownItemsOrchestrator
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.forecast import Figure
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from orchestrators.vendors import VendorsOrchestrator
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, TODAY, Company
from tests.integration.desk.conftest import ROLES, caller, set_desk, unit

LATER = TODAY + timedelta(days=8)
KEY = "Bill:146:MISSING_DUE_DATE"
ROLES_OF_ADVISOR = frozenset({ROLES[AVA]})
LENT = Delegation(AVA, Decimal(100), TODAY, LATER, MAYA)
Act = Callable[[TenantSession, Company, Caller], Awaitable[object]]
SEERS, DECIDERS, OWNERS, MANAGERS = {MAYA, ADA, AVA}, {MAYA, AVA}, {MAYA}, {MAYA, ADA}

ACTS: dict[str, tuple[Act, set[str]]] = {
    "headline": (lambda s, c, who: HeadlineOrchestrator(s, c.clock).get_headline(who), SEERS),
    "console": (lambda s, c, who: Console(s, c.clock).get_decision_data(who), SEERS),
    "card": (lambda s, c, who: Console(s, c.clock).get_card(who, "B-145"), SEERS),
    "find card": (lambda s, c, who: Console(s, c.clock).find_card(who, "N-145"), SEERS),
    "plan": (lambda s, c, who: Console(s, c.clock).get_plan(who), SEERS),
    "forecast": (lambda s, c, who: ForecastOrchestrator(s, c.clock).get_forecast(who), SEERS),
    "why": (lambda s, c, who: ForecastOrchestrator(s, c.clock).why(who, Figure.CASH_BOOK), SEERS),
    "pay list": (lambda s, c, who: PaylistOrchestrator(s, c.clock).get_paylist(who), SEERS),
    "audit": (lambda s, c, who: AuditOrchestrator(s, c.clock).get_entries(who), SEERS),
    "settings": (lambda s, c, who: SettingsOrchestrator(s, c.clock).get_settings(who), SEERS),
    "tiers": (lambda s, c, who: VendorsOrchestrator(s, c.clock).get_tiers(who), SEERS),
    "known items": (lambda s, c, who: KnownItemsOrchestrator(s, c.clock).get_known_items(who), SEERS),
    "resolve": (lambda s, c, who: Tray(s, c.clock).resolve(who, KEY, None, source="x"), SEERS),
    "snooze": (lambda s, c, who: Tray(s, c.clock).snooze(who, KEY, None, until=LATER, source="x"), SEERS),
    "dismiss": (lambda s, c, who: Tray(s, c.clock).dismiss(who, KEY, None, reason="r", source="x"), SEERS),
    "assign": (lambda s, c, who: Tray(s, c.clock).assign(who, KEY, None, to=OMAR, source="x"), SEERS),
    "propose": (lambda s, c, who: Console(s, c.clock).propose(who, "B-145", None, source="x"), DECIDERS),
    "hold": (lambda s, c, who: Console(s, c.clock).hold(who, "B-145", None, until=LATER, source="x"), DECIDERS),
    "chase": (lambda s, c, who: Console(s, c.clock).chase(who, "I-9", None, source="x"), DECIDERS),
    "approve": (lambda s, c, who: Console(s, c.clock).approve(who, "B-145", None, source="x"), OWNERS),
    "reject": (lambda s, c, who: Console(s, c.clock).reject(who, "B-145", None, reason="r", source="x"), OWNERS),
    "hand off": (lambda s, c, who: PaylistOrchestrator(s, c.clock).hand_off(who, None, source="x"), OWNERS),
    "policy": (
        lambda s, c, who: SettingsOrchestrator(s, c.clock).change_policy(
            who, 0, PolicyChange(floor_days=7), source="x"
        ),
        MANAGERS,
    ),
    "tier": (lambda s, c, who: VendorsOrchestrator(s, c.clock).set_tier(who, "56", 2, source="x"), MANAGERS),
    "confirm tiers": (
        lambda s, c, who: VendorsOrchestrator(s, c.clock).order_confirming(who, source="x", reply=None),
        MANAGERS,
    ),
    "roles": (
        lambda s, c, who: SettingsOrchestrator(s, c.clock).set_roles(who, MEL, ROLES_OF_ADVISOR, source="x"),
        MANAGERS,
    ),
    "lend": (
        lambda s, c, who: SettingsOrchestrator(s, c.clock).set_delegation(who, 0, LENT, source="x"),
        OWNERS,
    ),
    "known item": (
        lambda s, c, who: KnownItemsOrchestrator(s, c.clock).add_known_item(who, "Tax", LATER, Decimal(-9), source="x"),
        DECIDERS,
    ),
    "set aside": (
        lambda s, c, who: KnownItemsOrchestrator(s, c.clock).set_aside(who, "Tax", Decimal(9), source="x"),
        DECIDERS,
    ),
}


NAMED = {
    "headline": "see the books",
    **dict.fromkeys(("console", "card", "find card", "plan"), "see the console"),
    **dict.fromkeys(("forecast", "why"), "see the books"),
    "pay list": "see the pay list",
    "audit": "see the audit log",
    "settings": "see the settings",
    "tiers": "see the vendors",
    "known items": "see the known items",
    **dict.fromkeys(("resolve", "snooze", "dismiss", "assign"), "work on this record"),
    "propose": "propose bills",
    "hold": "hold bills",
    "chase": "chase invoices",
    "approve": "approve bills",
    "reject": "reject bills",
    "hand off": "hand off the pay list",
    "policy": "change the settings",
    **dict.fromkeys(("tier", "confirm tiers"), "set vendor tiers"),
    "roles": "change roles",
    "lend": "lend the right to approve",
    **dict.fromkeys(("known item", "set aside"), "change the known items"),
}


@pytest.fixture(scope="module")
async def taken_away(db: Database) -> Company:
    """Maya owned this business until just now."""
    company = await set_desk(db)
    async with unit(company) as session:
        await SettingsOrchestrator(session, company.clock).set_roles(caller(OMAR), MAYA, frozenset(), source="x")
    return company


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_each_role_may_do_what_the_table_says_and_nothing_else(still: Company, act: str) -> None:
    """Each attempt in a transaction that is thrown away, so that all meet the same desk."""
    run, allowed = ACTS[act]
    for person in (MAYA, ADA, AVA, MEL):
        async with unit(still) as session:
            if person in allowed:
                await run(session, still, caller(person))
            else:
                with pytest.raises(NotAllowed, match="<@"):
                    await run(session, still, caller(person))
            await session.rollback()


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_a_refusal_names_what_was_asked_and_only_people_who_can_do_it(still: Company, act: str) -> None:
    run, allowed = ACTS[act]
    async with unit(still) as session:
        with pytest.raises(NotAllowed, match=NAMED[act]) as refusal:
            await run(session, still, caller(MEL))
    named = set(re.findall(r"<@(\w+)>", str(refusal.value)))
    assert named
    assert named <= allowed | {OMAR}


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_a_role_taken_away_is_gone_at_the_next_click(taken_away: Company, act: str) -> None:
    run, _ = ACTS[act]
    with pytest.raises(NotAllowed):
        async with unit(taken_away) as session:
            await run(session, taken_away, caller(MAYA))


async def test_a_person_without_a_role_sees_nothing_of_the_tray_and_an_empty_home(still: Company) -> None:
    async with unit(still) as session:
        await set_roles(session, MAYA, (), by="slack")
        with pytest.raises(NotAllowed):
            await Tray(session, still.clock).get_hygiene_data(caller(MAYA))
        home = await HomeOrchestrator(session, still.clock).get_home(caller(MAYA))
        await session.rollback()
    assert (home.tasks, home.headline, home.may_manage) == ((), None, False)
