"""Rules, roles, tiers: versioned, announced, and never able to lock everybody out or to promote oneself."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from domains.audit import Entry, list_entries, record
from domains.issues.catalogue import IssueCode
from domains.people import Caller, Role
from domains.policy import Delegation, DigestSettings, Policy, get_policy
from kit.errors import NotAllowed, Outdated
from orchestrators.audit_log import AuditOrchestrator
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.home import HomeOrchestrator
from orchestrators.refusals import BadField
from orchestrators.results.console import OutcomeKind
from orchestrators.results.home import TaskKind
from orchestrators.results.settings import SettingsAct
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator
from orchestrators.vendors import VendorsOrchestrator
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller, unit

DUE = TODAY + timedelta(days=4)


async def change(company: Company, person: str, wish: PolicyChange, seen: int = 0) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        await settings.change_policy(caller(person), seen, wish, source="modal")


async def test_a_change_is_a_new_version_with_before_and_after_and_is_announced(company: Company) -> None:
    await change(company, ADA, PolicyChange(floor_cash=Decimal(5_000), pay_days=(5,)))
    async with unit(company) as session:
        (entry,) = await list_entries(session, object_type="policy")
        jobs = (await session.execute(text("SELECT payload FROM outbox WHERE kind = 'AnnouncePolicy'"))).scalars().all()
        current = await get_policy(session)
    assert (entry.actor, entry.before, entry.after) == (
        ADA,
        {"floor_cash": "0", "pay_days": [2, 4]},
        {"floor_cash": "5000", "pay_days": [5]},
    )
    assert jobs == [{"version": 1}]
    assert current.policy == replace(Policy(), floor_cash=Decimal(5_000), pay_days=(5,), digest=current.policy.digest)


async def test_whoever_edits_an_older_version_is_told_and_saves_nothing(company: Company) -> None:
    await change(company, MAYA, PolicyChange(floor_days=7))
    with pytest.raises(Outdated):
        await change(company, ADA, PolicyChange(floor_days=30), seen=0)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (PolicyChange(floor_cash=Decimal(-1)), "floor_cash"),
        (PolicyChange(floor_days=91), "floor_days"),
        (PolicyChange(pay_days=()), "pay_days"),
        (PolicyChange(pay_days=(8,)), "pay_days"),
        (PolicyChange(digest=DigestSettings(hour=24)), "hour"),
        (PolicyChange(digest=DigestSettings(zone="Mars/Olympus")), "zone"),
        (PolicyChange(digest=DigestSettings(zone="../etc/passwd")), "zone"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(company: Company, wish: PolicyChange, field: str) -> None:
    with pytest.raises(BadField) as refused:
        await change(company, MAYA, wish)
    assert refused.value.field == field


async def test_with_two_owners_whoever_loosens_the_limit_is_held_to_the_old_one_for_a_day(company: Company) -> None:
    await company.put(bill("145", 12_000, DUE), bill("146", 12_500, DUE, number="other"))
    await change(company, MAYA, PolicyChange(second_approver_over=Decimal(50_000)))

    async def approve(person: str, key: str) -> OutcomeKind:
        async with unit(company) as session:
            console = Console(session, company.clock)
            return (await console.approve(caller(person), key, None, source="x")).kind

    assert await approve(MAYA, "B-145") is OutcomeKind.WAITING
    assert await approve(OMAR, "B-146") is OutcomeKind.DECIDED


async def test_admins_manage_but_cannot_make_owners_or_lend_what_they_do_not_have(company: Company) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        shown = await settings.get_settings(caller(ADA))
        assert shown.acts == (SettingsAct.EDIT,)
        with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
            await settings.set_roles(caller(ADA), ADA, frozenset({Role.OWNER}), source="x")
        with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
            lent = Delegation(AVA, Decimal(100), TODAY, DUE, ADA)
            await settings.set_delegation(caller(ADA), 0, lent, source="x")
        await settings.set_roles(caller(ADA), MEL, frozenset({Role.ADVISOR}), source="x")


async def test_a_delegation_is_lent_by_whoever_is_logged_in_not_by_whom_the_form_says(company: Company) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        lent = Delegation(AVA, Decimal(100), TODAY, DUE, granted_by=OMAR)
        shown = await settings.set_delegation(caller(MAYA), 0, lent, source="x")
        assert [one.granted_by for one in shown.policy.delegations] == [MAYA]
        with pytest.raises(BadField):
            await settings.set_delegation(caller(MAYA), 1, replace(lent, slack_user=MEL), source="x")
        gone = replace(lent, starts=TODAY - timedelta(days=9), ends=TODAY - timedelta(days=1))
        with pytest.raises(BadField, match="That day has passed"):
            await settings.set_delegation(caller(MAYA), 1, gone, source="x")
        ended = await settings.end_delegation(caller(OMAR), 1, AVA, source="x")
        assert ended.policy.delegations == ()


async def test_a_limit_that_ended_is_nobodys_any_more(company: Company) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        lent = Delegation(AVA, Decimal(100), TODAY, TODAY + timedelta(days=2), MAYA)
        shown = await settings.set_delegation(caller(MAYA), 0, lent, source="x")
        assert [one.slack_user for one in shown.people if one.limit] == [AVA]
        company.clock.advance(timedelta(days=3))
        assert [one for one in (await settings.get_settings(caller(MAYA))).people if one.limit] == []


async def test_the_last_owner_stays(company: Company) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        await settings.set_roles(caller(MAYA), OMAR, frozenset({Role.MEMBER}), source="x")
        with pytest.raises(BadField, match="last owner"):
            await settings.set_roles(caller(MAYA), MAYA, frozenset({Role.ADMIN}), source="x")


async def test_tiers_are_suggested_from_accounts_and_counted_once_confirmed(company: Company) -> None:
    await company.put(bill("147", 5_000, DUE, vendor="57", account_id="62"), bill("145", 100, DUE))
    async with unit(company) as session:
        vendors = VendorsOrchestrator(session, company.clock)
        shown = await vendors.get_tiers(caller(MAYA))
        first = shown.lines[0]
        assert (first.name, first.tier, first.suggested, first.because) == ("Pier Rent LLC", None, 1, "Rent or Lease")
        assert shown.unconfirmed == 1
        assert await vendors.order_confirming(caller(ADA), source="x", reply=None) == 1
        assert await vendors.confirm_suggestions(caller(ADA), {"57": 1}, source="x") == 1
        assert await vendors.confirm_suggestions(caller(MAYA), {"57": 1}, source="x") == 0, "Ada answered it"
        assert await vendors.order_confirming(caller(ADA), source="x", reply=None) == 0
        line = await vendors.set_tier(caller(MAYA), "56", 3, source="x")
        assert (line.tier, line.set_by) == (3, MAYA)
        with pytest.raises(BadField):
            await vendors.set_tier(caller(MAYA), "404", 1, source="x")


async def test_the_audit_is_found_by_record_by_decision_and_by_person(company: Company) -> None:
    await company.put(bill("145", 1_200, DUE), bill("146", 900, None))
    async with unit(company) as session:
        console = Console(session, company.clock)
        outcome = await console.approve(caller(MAYA), "B-145", None, source="C1:2.2")
        await console.undo(caller(OMAR), "B-145", source="x")
    async with unit(company) as session:
        audit = AuditOrchestrator(session, company.clock)
        about = await audit.get_entries(caller(MAYA), "B-145")
        same = await audit.get_entries(caller(MAYA), outcome.card.state.reference)  # type: ignore[union-attr]
        by_omar = await audit.get_entries(caller(MAYA), f"<@{OMAR}>")
        untouched, nonsense = [await audit.get_entries(caller(MAYA), one) for one in ("B-146", "nonsense")]
        assert (untouched.lines, untouched.named, nonsense.lines, nonsense.named) == ((), True, (), False)
    assert [(line.actor, line.action, line.subject) for line in about.lines] == [
        (OMAR, "decision.cancelled", "B-145"),
        (MAYA, "decision.approved", "B-145"),
    ]
    assert about.lines == same.lines
    assert [line.actor for line in by_omar.lines] == [OMAR]
    assert about.lines[1].after == "$1,200.00, to be paid by Thu 26 Nov"
    assert about.head is not None


async def test_the_audit_names_the_issue_and_the_week_that_an_act_was_about(company: Company) -> None:
    await company.put(bill("146", 900, None))
    week = Entry(actor="runway", action="digest.posted", object_type="digest", object_id="weekly:2026-W48.2")
    async with unit(company) as session:
        tray = HygieneTrayDataOrchestrator(session, company.clock)
        key = "Bill:146:MISSING_DUE_DATE"
        await tray.snooze(caller(MAYA), key, None, until=DUE, source="C1:2.2")
        await record(session, week, clock=company.clock)
        posted, snoozed = (await AuditOrchestrator(session, company.clock).get_entries(caller(MAYA))).lines
    assert (snoozed.action, snoozed.subject, snoozed.code) == ("item.snoozed", "B-146", IssueCode.MISSING_DUE_DATE)
    assert (snoozed.before, snoozed.after) == (None, "until Fri 27 Nov")
    assert posted.subject == "week 48 of 2026"


async def test_refused_requests_do_not_bury_what_was_done(company: Company) -> None:
    await company.put(bill("145", 1_200, DUE))
    noise = Entry(actor=MEL, action="request.refused", object_type="request", object_id="x", source="command")
    async with unit(company) as session:
        await Console(session, company.clock).approve(caller(MAYA), "B-145", None, source="x")
        for _ in range(25):
            await record(session, noise, clock=company.clock)
        audit = AuditOrchestrator(session, company.clock)
        lately, apart = await audit.get_entries(caller(MAYA)), await audit.get_entries(caller(MAYA), "refused")
    assert ([line.action for line in lately.lines][:1], lately.refused) == (["decision.approved"], 25)
    assert {line.action for line in apart.lines} == {"request.refused"}


async def test_home_is_the_persons_own_queue(company: Company) -> None:
    await company.put(bill("145", 12_000, DUE), bill("146", 900, None), bill("147", 70, DUE, number="z"))
    async with unit(company) as session:
        await Console(session, company.clock).approve(caller(MAYA), "B-145", None, source="x")

    async def kinds(person: str) -> list[TaskKind]:
        async with unit(company) as session:
            home = await HomeOrchestrator(session, company.clock).get_home(caller(person))
        return [task.kind for task in home.tasks]

    assert await kinds(OMAR) == [TaskKind.CONFIRM, TaskKind.DECIDE, TaskKind.TRAY]
    assert await kinds(MAYA) == [TaskKind.DECIDE, TaskKind.TRAY]
    assert await kinds(ADA) == [TaskKind.TRAY]
    assert await kinds(MEL) == []


async def test_forged_roles_open_nothing(company: Company) -> None:
    forged = Caller(MEL, frozenset({Role.OWNER}))
    async with unit(company) as session:
        with pytest.raises(NotAllowed):
            await SettingsOrchestrator(session, company.clock).get_settings(forged)
