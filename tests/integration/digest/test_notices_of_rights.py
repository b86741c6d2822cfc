"""Whoever's rights or choices were changed by somebody else hears of it, from whom, within their day's message."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from domains.people import Role, set_roles
from domains.policy import Delegation, DigestSettings
from kit.jobs import Job
from kit.outbox import enqueue
from orchestrators.jobs import AnnouncePolicy
from orchestrators.notices import list_lines
from orchestrators.outgoing import ReviewAlerts, TellApprovers
from orchestrators.results.notices import AlertKind
from orchestrators.settings import SettingsOrchestrator
from orchestrators.vendors import VendorsOrchestrator
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.desk.test_decisions import approve
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Sent, Stage


async def lines_of(company: Company, person: str, day: date = TODAY) -> list[AlertKind]:
    async with company.db.tenant_session(company.business) as session:
        return [line.kind for line in await list_lines(session, person, day) if not line.over]


def posts(stage: Stage, person: str) -> list[Sent]:
    return stage.slack.of("chat.postMessage", f"D{person}")


async def run(company: Company, stage: Stage, job: Job) -> None:
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, job, key=str(uuid4()))
    await stage.run()


async def keep_roles(company: Company, person: str, *roles: Role) -> None:
    async with company.db.tenant_session(company.business) as session:
        await set_roles(session, person, roles, by="slack")


def edits(stage: Stage, person: str) -> list[Sent]:
    return stage.slack.of("chat.update", f"D{person}")


async def test_whoever_gets_another_role_or_limit_is_told_by_whom(company: Company, stage: Stage) -> None:
    async with company.db.tenant_session(company.business) as session:
        settings = SettingsOrchestrator(session, company.clock)
        await settings.set_roles(caller(MAYA), MEL, frozenset({Role.ADVISOR}), source="modal")
        lent = Delegation(MEL, Decimal(2_500), TODAY, TODAY + timedelta(days=30), MAYA)
        version = (await settings.get_settings(caller(MAYA))).version
        await settings.set_delegation(caller(MAYA), version, lent, source="modal")
    await stage.run()
    (told,) = {one.text for one in posts(stage, MEL)}
    assert told.startswith("2 things to know today.")
    assert f"<@{MAYA}> changed your roles: you are advisor now." in told
    assert f"<@{MAYA}> lets you approve bills up to $2,500.00 each, until Wed 23 Dec." in told
    assert posts(stage, MAYA) == []


async def test_a_role_given_back_within_the_week_is_news_again(company: Company) -> None:
    for day, role in enumerate((Role.ADVISOR, Role.MEMBER, Role.ADVISOR)):
        async with company.db.tenant_session(company.business) as session:
            settings = SettingsOrchestrator(session, company.clock)
            await settings.set_roles(caller(MAYA), MEL, frozenset({role}), source="modal")
        assert await lines_of(company, MEL, TODAY + timedelta(days=day)) == [AlertKind.ROLE_CHANGED]
        company.clock.advance(timedelta(days=1))


async def test_roles_that_stay_as_they_are_are_no_news(company: Company) -> None:
    async with company.db.tenant_session(company.business) as session:
        settings = SettingsOrchestrator(session, company.clock)
        await settings.set_roles(caller(MAYA), AVA, frozenset({Role.ADVISOR}), source="modal")
    assert await lines_of(company, AVA) == []


async def test_whoever_chose_a_tier_is_told_who_chose_another(company: Company, stage: Stage) -> None:
    for person, tier in ((OMAR, 1), (MAYA, 3), (MAYA, 2)):
        async with company.db.tenant_session(company.business) as session:
            await VendorsOrchestrator(session, company.clock).set_tier(caller(person), "56", tier, source="menu")
    await stage.run()
    assert await lines_of(company, MAYA) == []
    told = posts(stage, OMAR)[0].text
    assert f"<@{MAYA}> changed the tier that you had given to Northshore Print: it is “can wait” now." in told


async def test_each_of_two_quick_changes_is_told(company: Company, stage: Stage) -> None:
    for floor in (1_000, 2_000):
        await configure(company, DigestSettings(zone="UTC"), floor_cash=Decimal(floor))
    async with company.db.tenant_session(company.business) as session:
        for version in (1, 2):
            await enqueue(session, AnnouncePolicy(version=version), key=f"policy:{version}")
    await stage.run()
    assert await lines_of(company, OMAR) == [AlertKind.POLICY_CHANGED] * 2
    told = stage.slack.ledger[-1].text
    assert "Cash floor: $0.00 before, $1,000.00 now." in told
    assert "Cash floor: $1,000.00 before, $2,000.00 now." in told


async def test_a_yes_that_nobody_can_give_is_told_to_the_owners_before_the_bill_is_late(
    company: Company, stage: Stage
) -> None:
    await keep_roles(company, OMAR)
    lent = Delegation(AVA, Decimal(20_000), TODAY, TODAY + timedelta(days=1), MAYA)
    await configure(company, MONDAY_AT_NINE, delegations=(lent,))
    await company.put(bill("145", 12_000, TODAY + timedelta(days=9)))
    await approve(company, MAYA, None)
    await run(company, stage, ReviewAlerts())
    assert AlertKind.STUCK not in await lines_of(company, MAYA)
    await run(company, stage, TellApprovers())
    assert posts(stage, AVA)[0].text.startswith("It is your turn: 1 bill to decide.")
    company.clock.advance(timedelta(days=2))
    await run(company, stage, ReviewAlerts())
    assert AlertKind.STUCK in await lines_of(company, MAYA, TODAY + timedelta(days=2))
    await run(company, stage, TellApprovers())
    assert edits(stage, AVA)[-1].text.startswith("You can’t approve bills any more.")
    told = len(edits(stage, AVA))
    await run(company, stage, TellApprovers())
    assert len(edits(stage, AVA)) == told


async def test_admins_are_told_that_nobody_is_an_owner_until_somebody_is(company: Company, stage: Stage) -> None:
    for owner in (MAYA, OMAR):
        await keep_roles(company, owner)
    await run(company, stage, ReviewAlerts())
    assert AlertKind.NO_OWNER in await lines_of(company, ADA)
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    async with company.db.tenant_session(company.business) as session:
        await SettingsOrchestrator(session, company.clock).set_roles(
            caller(ADA), MEL, frozenset({Role.OWNER}), source="x"
        )
    await stage.run()
    assert AlertKind.NO_OWNER not in await lines_of(company, ADA)
    assert any(one.text.startswith("It is your turn: 1 bill") for one in posts(stage, MEL))
