"""Who is told nothing, and who is told later."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from bot.messenger.errors import ChannelClosed
from domains.businesses import FICTION
from domains.fiction.company import ensure_company
from domains.policy import Delegation
from kit.errors import FaultDetail
from orchestrators.notices import settle
from orchestrators.results.notices import AlertKind
from tests.integration.desk.company import AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage
from tests.integration.digest.test_notices import posts, raise_line, tell
from workers.notices import review_everybody


async def test_nothing_is_ordered_for_the_made_up_company(company: Company, stage: Stage) -> None:
    await ensure_company(company.db)
    await review_everybody(stage.tools())
    async with company.db.tenant_session(FICTION) as session:
        assert (await session.execute(text("SELECT count(*) FROM outbox"))).scalar_one() == 0
    assert "ReviewAlerts" in await stage.waiting()


async def test_a_turn_that_comes_at_night_is_told_in_the_morning_once(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=14)))
    company.clock.advance(timedelta(hours=7))
    await tell(company, stage)
    await tell(company, stage)
    assert posts(stage, MAYA) == []
    company.clock.advance(timedelta(hours=10))
    await stage.make_due()
    await stage.run()
    assert len(posts(stage, MAYA)) == 1


async def test_nobody_without_a_dm_stops_the_others(company: Company, stage: Stage) -> None:
    closed = [ChannelClosed("cannot_dm_bot", FaultDetail("slack", "test"))]

    def before(method: str) -> None:
        if method == "conversations.open" and closed:
            raise closed.pop()

    stage.slack.before = before
    await raise_line(company, "a", MAYA, OMAR)
    await stage.run()
    assert len(posts(stage, MAYA)) + len(posts(stage, OMAR)) == 1
    assert await stage.dead() == []


async def test_what_was_over_before_it_could_be_told_is_not_told(company: Company, stage: Stage) -> None:
    company.clock.advance(timedelta(hours=7))
    await raise_line(company, "a", MAYA, kind=AlertKind.OVERDUE)
    await stage.run()
    async with company.db.tenant_session(company.business) as session:
        await settle(session, company.clock, AlertKind.OVERDUE, frozenset())
    company.clock.advance(timedelta(hours=10))
    await stage.make_due()
    await stage.run()
    assert posts(stage, MAYA) == []


async def test_each_approver_is_offered_what_they_may_do(company: Company, stage: Stage) -> None:
    lent = Delegation(AVA, Decimal(1_000), TODAY, TODAY + timedelta(days=30), MAYA)
    await configure(company, MONDAY_AT_NINE, delegations=(lent,))
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    await tell(company, stage)
    owners, delegates = (str(posts(stage, one)[0].payload) for one in (MAYA, AVA))
    assert ("'Propose'" in owners, "'Propose'" in delegates) == (False, True)
    assert ("above your limit" in owners, "above your limit" in delegates) == (False, True)
    assert ("Reject…" in owners, "Reject…" in delegates) == (True, False)
