"""Whoever's rights or choices were changed by somebody else hears of it, from whom, within their day's message."""

from datetime import date, timedelta
from decimal import Decimal

from domains.people import Role
from domains.policy import Delegation, DigestSettings
from kit.outbox import enqueue
from orchestrators.jobs import AnnouncePolicy
from orchestrators.notices import list_lines
from orchestrators.results.notices import AlertKind
from orchestrators.settings import SettingsOrchestrator
from orchestrators.vendors import VendorsOrchestrator
from tests.integration.desk.company import AVA, MAYA, MEL, OMAR, TODAY, Company
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import configure
from tests.integration.digest.stage import Sent, Stage


async def lines_of(company: Company, person: str, day: date = TODAY) -> list[AlertKind]:
    async with company.db.tenant_session(company.business) as session:
        return [line.kind for line in await list_lines(session, person, day)]


def posts(stage: Stage, person: str) -> list[Sent]:
    return stage.slack.of("chat.postMessage", f"D{person}")


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
