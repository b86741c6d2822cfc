"""From the hour to the post: built from the books, posted once, and honest about everything that can go wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.messenger.errors import AppRemoved, ChannelClosed, Unanswered
from domains.freshness import Group
from domains.messages import list_of_kind
from domains.mirror import Entity
from domains.people import Role, set_roles
from domains.sync_history import CursorRow
from kit.errors import Busy, FaultDetail, NotAllowed, Refused
from kit.money import Money
from orchestrators import payload
from orchestrators.digest_orders import DigestRuns, RunTicket, StandingDigest
from orchestrators.digest_runs import DigestRun, DigestRunRow, RunKind, RunState, SkipReason, get_run, list_runs_of_week
from orchestrators.digest_schedule import plan
from orchestrators.effects import redraw
from orchestrators.results.digest import DigestResult, MoveKind, Period, Variance
from tests.integration.desk.company import (
    ADA,
    AVA,
    MAYA,
    OMAR,
    TODAY,
    Company,
    account,
    bill,
    bill_payment,
    invoice,
    purchase,
)
from tests.integration.desk.conftest import caller
from tests.integration.digest.conftest import CHANNEL, MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage
from workers.digest import order_digests

NINE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
FAULT = FaultDetail("slack", "test")


@pytest.fixture
async def due(company: Company) -> UUID:
    """Monday, nine o'clock, the digest ordered; returns its run."""
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)), bill("146", 900, None))
    await company.put(invoice("9", 3_000, TODAY - timedelta(days=40)))
    await configure(company, MONDAY_AT_NINE)
    return await ordered(company, NINE)


async def ordered(company: Company, at: datetime) -> UUID:
    async with company.db.tenant_session(company.business) as session:
        await plan(session, company.clock)
    company.clock.advance(at - company.clock.now())
    await company.read()
    async with company.db.tenant_session(company.business) as session:
        assert await plan(session, company.clock) == 1
        newest = select(DigestRunRow.id).order_by(DigestRunRow.due_at.desc()).limit(1)
        return (await session.execute(newest)).scalar_one()


async def run_of(company: Company, run_id: UUID) -> DigestRun:
    async with company.db.tenant_session(company.business) as session:
        return await get_run(session, run_id)


def stored(run: DigestRun) -> DigestResult:
    result: DigestResult = payload.load(run.payload, DigestResult)
    return result


async def test_the_digest_is_posted_in_its_channel_and_kept_whole(company: Company, stage: Stage, due: UUID) -> None:
    await stage.run()
    [post] = stage.slack.of("chat.postMessage", CHANNEL)
    run = await run_of(company, due)
    assert (run.state, run.channel, run.ts) == (RunState.POSTED, CHANNEL, post.ts)
    result = stored(run)
    assert (result.counts.bills_ready, result.counts.bills_blocked, result.counts.invoices_ready) == (1, 1, 1)
    assert [card.record.ref for card in result.decisions] == ["B-145"]
    assert [(one.card.record.ref, one.who) for one in result.chase] == [("I-9", AVA)]
    assert result.amounts
    assert not result.late
    async with company.db.tenant_session(company.business) as session:
        assert [one.ts for one in await list_of_kind(session, "digest")] == [post.ts]


async def test_no_amount_reaches_a_channel_that_was_not_allowed_to_see_any(company: Company, stage: Stage) -> None:
    await company.put(bill("145", 1_234, TODAY + timedelta(days=4)))
    await configure(company, replace(MONDAY_AT_NINE, amounts_in_channel=None))
    await ordered(company, NINE)
    await stage.run()
    [post] = stage.slack.of("chat.postMessage", CHANNEL)
    assert "$" not in str(post.payload)


async def test_the_next_week_tells_what_moved(company: Company, stage: Stage, due: UUID) -> None:
    await stage.run()
    later = TODAY + timedelta(days=7)
    await company.put(
        bill("145", 1_200, TODAY + timedelta(days=4), balance=0, paid_by=["BP1"]),
        bill_payment("BP1", "145", 1_200, TODAY + timedelta(days=3)),
        bill("150", 700, later + timedelta(days=9)),
        purchase("P99", 300, TODAY + timedelta(days=2)),
    )
    await company.put((Entity.ACCOUNT, account("35", "Checking", "Bank", 45_000 - 1_200 - 300 + 50)))
    second = await ordered(company, NINE + timedelta(days=7))
    await stage.run()
    variance = stored(await run_of(company, second)).variance
    assert isinstance(variance, Variance)
    moves = {move.kind: move.amount for move in variance.moves}
    assert moves[MoveKind.PAYMENTS] == Money(Decimal(-1_500), "USD")
    assert moves[MoveKind.RESTATED] == Money(Decimal(50), "USD")
    assert moves[MoveKind.NEW_BILLS] == Money(Decimal(-700), "USD")
    assert variance.available == Money(Decimal(-1_450), "USD")
    assert len(stored(await run_of(company, second)).trend) == 2


async def test_killed_after_slack_took_it_the_digest_is_not_posted_again(
    company: Company, stage: Stage, due: UUID
) -> None:
    stage.slack.after = killed
    with pytest.raises(Killed):
        await stage.run()
    stage.slack.after = stage.slack.before
    await stage.forget_lease()
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert (await run_of(company, due)).state is RunState.UNKNOWN
    told = stage.slack.of("chat.postMessage", f"D{ADA}")
    assert len(told) == 1
    assert "digest" in told[0].text.lower()


async def test_killed_before_slack_was_asked_the_digest_is_posted_once(
    company: Company, stage: Stage, due: UUID
) -> None:
    """Up to the moment of asking nothing is in doubt."""
    async with company.db.tenant_session(company.business) as session:
        run = await get_run(session, due)
    assert run.state is RunState.DUE
    await stage.forget_lease()
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


def killed(method: str) -> None:
    if method == "chat.postMessage":
        raise Killed


async def test_an_unknown_fate_is_settled_by_a_person_once(company: Company, stage: Stage, due: UUID) -> None:
    stage.slack.before = failing(Unanswered("no answer", FAULT), channel_posts=1)
    await stage.run()
    assert (await run_of(company, due)).state is RunState.UNKNOWN
    async with company.db.tenant_session(company.business) as session:
        first = await DigestRuns(session, company.clock).post_again(caller(ADA), due, source="D:1")
    async with company.db.tenant_session(company.business) as session:
        second = await DigestRuns(session, company.clock).post_again(caller(ADA), due, source="D:1")
    assert (first.fresh, second.fresh) == (True, False)
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert (await run_of(company, due)).state is RunState.POSTED
    async with company.db.tenant_session(company.business) as session:
        with pytest.raises(Refused, match="posted meanwhile"):
            await DigestRuns(session, company.clock).post_again(caller(ADA), due, source="D:1")


def failing(error: Exception, *, channel_posts: int) -> Callable[[str], None]:
    left = [channel_posts]

    def before(method: str) -> None:
        if method == "chat.postMessage" and left[0] > 0:
            left[0] -= 1
            raise error

    return before


async def test_a_busy_slack_is_asked_again_and_gets_it_once(company: Company, stage: Stage, due: UUID) -> None:
    stage.slack.before = failing(Busy("rate limited", retry_after=30), channel_posts=2)
    for _ in range(3):
        await stage.run()
        await stage.make_due()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert (await run_of(company, due)).state is RunState.POSTED


async def test_an_archived_channel_is_told_to_the_admins_once_and_not_tried_again(
    company: Company, stage: Stage, due: UUID
) -> None:
    stage.slack.before = failing(ChannelClosed("is_archived", FAULT), channel_posts=1)
    await stage.run()
    run = await run_of(company, due)
    assert (run.state, run.reason) == (RunState.SKIPPED, SkipReason.DESTINATION_BROKEN)
    assert stage.slack.of("chat.postMessage", CHANNEL) == []
    assert len(stage.slack.of("chat.postMessage", f"D{ADA}")) == 1
    assert await stage.dead() == []


async def test_a_removed_app_is_not_asked_any_more(company: Company, stage: Stage, due: UUID) -> None:
    asked: list[str] = []

    def gone(method: str) -> None:
        asked.append(method)
        raise AppRemoved("token_revoked", FAULT)

    stage.slack.before = gone
    await stage.run()
    assert asked == ["chat.postMessage"]
    assert (await run_of(company, due)).reason is SkipReason.APP_REMOVED


async def test_books_never_read_are_skipped_and_the_admin_told(db: object, business: UUID, clock: object) -> None:
    company = Company(db, business, clock)  # type: ignore[arg-type]
    await company.staff()
    await configure(company, MONDAY_AT_NINE)
    async with company.db.tenant_session(business) as session:
        await plan(session, company.clock)
    company.clock.advance(NINE - company.clock.now())
    async with company.db.tenant_session(business) as session:
        await plan(session, company.clock)
    stage = Stage(company.db, business, company.clock)
    await stage.run()
    async with company.db.tenant_session(business) as session:
        (run,) = await list_runs_of_week(session, RunKind.WEEKLY, Period(2026, 48))
    assert run.reason is SkipReason.NEVER_SYNCED
    assert stage.slack.of("chat.postMessage", CHANNEL) == []
    [told] = stage.slack.of("chat.postMessage", f"D{ADA}")
    assert "was not posted: the books have not been read yet." in str(told.payload)
    company.clock.advance(timedelta(minutes=5))
    await company.open(people=False)
    async with company.db.tenant_session(business) as session:
        await DigestRuns(session, company.clock).post_now(caller(MAYA), source="command")
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
    assert "Over." in str(stage.slack.of("chat.update", f"D{ADA}")[-1].payload)


async def test_old_books_are_posted_with_a_line_that_says_so(company: Company, stage: Stage, due: UUID) -> None:
    async with company.db.tenant_session(company.business) as session:
        for row in (await session.execute(select(CursorRow))).scalars():
            row.last_synced = NINE - timedelta(hours=30)
    await stage.run()
    result = stored(await run_of(company, due))
    assert result.stale
    [post] = stage.slack.of("chat.postMessage", CHANNEL)
    assert "too old" in str(post.payload)
    assert {line.group for line in result.health.freshness} == set(Group)


async def test_a_digest_that_comes_hours_late_says_so_and_one_of_yesterday_is_skipped(
    company: Company, stage: Stage, due: UUID
) -> None:
    company.clock.advance(timedelta(hours=3))
    await stage.run()
    assert stored(await run_of(company, due)).late


async def test_a_worker_that_comes_a_day_later_skips_aloud(company: Company, stage: Stage, due: UUID) -> None:
    company.clock.advance(timedelta(hours=25))
    await stage.run()
    assert (await run_of(company, due)).reason is SkipReason.MISSED


async def test_digest_now_is_the_weeks_own_and_its_hour_posts_no_second_one(company: Company, stage: Stage) -> None:
    await configure(company, replace(MONDAY_AT_NINE, weekday=5))
    async with company.db.tenant_session(company.business) as session:
        await plan(session, company.clock)
        ticket = await DigestRuns(session, company.clock).post_now(caller(MAYA), source="command")
    assert isinstance(ticket, RunTicket)
    await stage.run()
    company.clock.advance(NINE + timedelta(days=4) - company.clock.now())
    async with company.db.tenant_session(company.business) as session:
        assert await plan(session, company.clock) == 0
    async with company.db.tenant_session(company.business) as session:
        again = await DigestRuns(session, company.clock).post_now(caller(MAYA), source="command")
    assert isinstance(again, StandingDigest)
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1


async def test_only_owners_and_admins_may_post_it(company: Company) -> None:
    async with company.db.tenant_session(company.business) as session:
        with pytest.raises(NotAllowed):
            await DigestRuns(session, company.clock).post_now(caller(AVA), source="command")


async def test_without_a_channel_it_goes_to_the_longest_standing_owner(company: Company, stage: Stage) -> None:
    await configure(company, replace(MONDAY_AT_NINE, channel=None))
    await ordered(company, NINE)
    await stage.run()
    assert [one.channel for one in stage.slack.of("chat.postMessage") if one.channel == f"D{MAYA}"] == [f"D{MAYA}"]


async def test_it_can_be_sent_to_one_person_who_may_see_amounts(company: Company, stage: Stage) -> None:
    await configure(company, replace(MONDAY_AT_NINE, channel=OMAR, amounts_in_channel=False))
    await ordered(company, NINE)
    await stage.run()
    [post] = [one for one in stage.slack.of("chat.postMessage") if one.channel == f"D{OMAR}"]
    assert "$" in str(post.payload)


async def test_a_business_without_anybody_to_send_it_to_skips_it(company: Company, stage: Stage) -> None:
    await configure(company, replace(MONDAY_AT_NINE, channel=None))
    run_id = await ordered(company, NINE)
    async with company.db.tenant_session(company.business) as session:
        for person in (MAYA, OMAR, ADA):
            await set_roles(session, person, [Role.MEMBER], by=MAYA)
    await stage.run()
    assert (await run_of(company, run_id)).reason is SkipReason.NO_DESTINATION
    assert stage.slack.ledger == []


async def test_a_posted_digest_is_drawn_again_from_what_was_kept(company: Company, stage: Stage, due: UUID) -> None:
    """The books of now say something else; the digest of its week does not."""
    await stage.run()
    await company.put(bill("199", 7_777, TODAY + timedelta(days=1)))
    async with company.db.tenant_session(company.business) as session:
        await redraw(session, ["digest:2026-W48"], cause="test")
    await stage.run()
    [edit] = stage.slack.of("chat.update", CHANNEL)
    assert edit.payload == stage.slack.of("chat.postMessage", CHANNEL)[0].payload


async def test_the_clock_orders_and_the_worker_posts(company: Company, stage: Stage) -> None:
    await configure(company, MONDAY_AT_NINE)
    await order_digests(stage.tools())
    company.clock.advance(NINE - company.clock.now())
    await company.read()
    await order_digests(stage.tools())
    await order_digests(stage.tools())
    await stage.run()
    assert len(stage.slack.of("chat.postMessage", CHANNEL)) == 1
