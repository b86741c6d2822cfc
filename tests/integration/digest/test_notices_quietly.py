"""Who is told nothing, who is told later, and which message asks when days pass."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from bot.messenger.errors import AppRemoved, ChannelClosed
from domains.businesses import FICTION
from domains.fiction.company import ensure_company
from domains.policy import Delegation, DigestSettings
from kit.errors import FaultDetail
from kit.outbox import enqueue
from orchestrators.jobs import AnnounceAssignment, AnnouncePolicy
from orchestrators.notices import settle
from orchestrators.results.console import OutcomeKind
from orchestrators.results.notices import AlertKind
from tests.integration.desk.company import AVA, MAYA, OMAR, TODAY, Company, bill
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage
from tests.integration.digest.test_notices import act, edits, posts, raise_line, review, tell
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


async def test_cards_that_wait_say_what_holds_under_the_new_rules(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 9_000, TODAY + timedelta(days=4)))
    await tell(company, stage)
    assert "takes an owner’s reason" not in posts(stage, MAYA)[0].text
    await configure(company, DigestSettings(), floor_cash=Decimal(44_000))
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, AnnouncePolicy(version=1), key="policy:1")
    await stage.run()
    assert "That is below your floor, so it takes an owner’s reason." in edits(stage, MAYA)[-1].text


async def test_what_slack_refused_is_told_when_it_lets_us_in_again(company: Company, stage: Stage) -> None:
    """In the message of that later day, once, and not what is over by then."""
    await company.put(bill("20", 900, None))

    def refuse(method: str) -> None:
        if method == "chat.postMessage":
            raise AppRemoved("token_revoked", FaultDetail("slack", "test"))

    stage.slack.before = refuse
    await raise_line(company, "a", MAYA)
    await raise_line(company, "b", MAYA, kind=AlertKind.RECONNECT)
    async with company.db.tenant_session(company.business) as session:
        await enqueue(session, AnnounceAssignment(key="Bill:20:MISSING_DUE_DATE", slack_user=MAYA), key="assign")
    await stage.run()
    company.clock.advance(timedelta(days=1))
    await review(company, stage)
    assert posts(stage, MAYA) == []
    stage.slack.before = lambda _method: None
    company.clock.advance(timedelta(days=1))
    await review(company, stage)
    await review(company, stage)
    [post] = posts(stage, MAYA)
    assert post.text.startswith("2 things need you today.\nNorthshore B-145: the decision no longer stands.")
    assert "Bill B-20: no due date. It was assigned to you." in post.text


async def test_what_waits_on_two_days_asks_in_the_newer_message_alone(company: Company, stage: Stage) -> None:
    """Decided bills stay where they were decided."""
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)), bill("146", 700, TODAY + timedelta(days=5)))
    await tell(company, stage)
    await act(company, MAYA, OutcomeKind.DECIDED)
    await stage.run()
    company.clock.advance(timedelta(days=1))
    await tell(company, stage, reminder=True)
    first, second = posts(stage, MAYA)
    older = [one for one in edits(stage, MAYA) if one.ts == first.ts][-1]
    assert older.text.startswith("It goes on in my message of Tue 24 Nov, further down. These stay here:\nBill B-145")
    assert "B-146" not in str(older.payload)
    assert "B-146" in str(second.payload)


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
