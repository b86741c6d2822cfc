"""Which digests are ordered: one a week and business, whoever asks, how often, and however late."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text

from domains.audit import list_entries
from domains.policy import DigestSettings
from kit.clock import Clock, FrozenClock
from kit.db import Database
from orchestrators.digest_runs import DigestRunRow, RunState, SkipReason
from orchestrators.digest_schedule import enqueue_due, plan
from tests.integration.desk.company import Company
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure

NINE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # in Los Angeles


async def runs(db: Database, business: UUID) -> list[tuple[str, str, str | None]]:
    async with db.tenant_session(business) as session:
        rows = (await session.execute(select(DigestRunRow).order_by(DigestRunRow.due_at))).scalars()
        return [(row.period, row.state, row.reason) for row in rows]


async def tick(db: Database, business: UUID, clock: Clock) -> int:
    async with db.tenant_session(business) as session:
        return await plan(session, clock)


async def jump(clock: FrozenClock, to: datetime) -> None:
    clock.advance(to - clock.now())


async def test_a_digest_is_ordered_at_its_hour_and_once(company: Company) -> None:
    db, business, clock = company.db, company.business, company.clock
    await configure(company, MONDAY_AT_NINE)
    assert await tick(db, business, clock) == 0
    await jump(clock, NINE - timedelta(seconds=1))
    assert await tick(db, business, clock) == 0
    await jump(clock, NINE)
    assert [await tick(db, business, clock) for _ in range(3)] == [1, 0, 0]
    assert await runs(db, business) == [("2026-W48", RunState.DUE, None)]


async def test_many_schedulers_at_the_same_moment_order_it_once(company: Company) -> None:
    db, business, clock = company.db, company.business, company.clock
    await configure(company, MONDAY_AT_NINE)
    await tick(db, business, clock)
    await jump(clock, NINE)
    ordered = await asyncio.gather(*(tick(db, business, clock) for _ in range(4)))
    assert sum(ordered) == 1
    async with db.tenant_session(business) as session:
        jobs = await session.execute(text("SELECT count(*) FROM outbox WHERE kind = 'DeliverDigest'"))
        assert jobs.scalar_one() == 1


async def test_the_tick_finds_the_business_among_all(company: Company) -> None:
    await configure(company, MONDAY_AT_NINE)
    await enqueue_due(company.db, company.clock)
    await jump(company.clock, NINE)
    await asyncio.gather(*(enqueue_due(company.db, company.clock) for _ in range(3)))
    assert await runs(company.db, company.business) == [("2026-W48", RunState.DUE, None)]


async def test_a_new_business_is_not_told_about_hours_before_it_came(company: Company) -> None:
    await jump(company.clock, NINE + timedelta(hours=5))
    await configure(company, MONDAY_AT_NINE)
    assert await tick(company.db, company.business, company.clock) == 0
    assert await runs(company.db, company.business) == []


async def test_a_run_missed_by_hours_is_caught_up_and_one_missed_by_days_is_skipped_aloud(company: Company) -> None:
    db, business, clock = company.db, company.business, company.clock
    await configure(company, MONDAY_AT_NINE)
    await tick(db, business, clock)
    await jump(clock, NINE + timedelta(days=14, hours=20))
    assert await tick(db, business, clock) == 1
    assert await runs(db, business) == [
        ("2026-W48", RunState.SKIPPED, SkipReason.MISSED),
        ("2026-W49", RunState.SKIPPED, SkipReason.MISSED),
        ("2026-W50", RunState.DUE, None),
    ]
    async with db.tenant_session(business) as session:
        told = await list_entries(session, object_type="digest", limit=10)
    assert [entry.object_id for entry in told] == ["weekly:2026-W49", "weekly:2026-W48"]


async def test_moving_the_day_never_makes_a_second_digest_in_a_week(company: Company) -> None:
    db, business, clock = company.db, company.business, company.clock
    await configure(company, MONDAY_AT_NINE)
    await tick(db, business, clock)
    await jump(clock, NINE)
    await tick(db, business, clock)
    await configure(company, replace(MONDAY_AT_NINE, weekday=5))
    await tick(db, business, clock)
    await jump(clock, NINE + timedelta(days=4, minutes=1))
    assert await tick(db, business, clock) == 0
    assert [period for period, _, _ in await runs(db, business)] == ["2026-W48"]


async def test_a_week_jumped_over_by_a_change_of_day_is_an_audited_skip(company: Company) -> None:
    db, business, clock = company.db, company.business, company.clock
    await configure(company, replace(MONDAY_AT_NINE, weekday=5))
    await tick(db, business, clock)
    await jump(clock, NINE + timedelta(days=2))
    await configure(company, MONDAY_AT_NINE)
    await tick(db, business, clock)
    assert await runs(db, business) == [("2026-W48", RunState.SKIPPED, SkipReason.RESCHEDULED)]
    await jump(clock, NINE + timedelta(days=7))
    assert await tick(db, business, clock) == 1


async def test_no_digest_for_those_who_turned_it_off(company: Company) -> None:
    await configure(company, replace(MONDAY_AT_NINE, enabled=False))
    await tick(company.db, company.business, company.clock)
    await jump(company.clock, NINE + timedelta(days=30))
    await tick(company.db, company.business, company.clock)
    assert await runs(company.db, company.business) == []


async def test_a_year_with_both_clock_changes_and_an_outage_has_every_week_once(db: Database, business: UUID) -> None:
    """Each local week has one run or one audited skip: the zone moves its clocks at 02:00, the hour of the digest."""
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    company = Company(db, business, clock)
    await company.staff()
    await configure(company, DigestSettings(weekday=7, hour=2, zone="America/Los_Angeles", channel="C1"))
    await tick(db, business, clock)
    for hour in range(0, 24 * 364, 13):
        clock.advance(timedelta(hours=13))
        if not 2_000 <= hour < 2_250:
            await tick(db, business, clock)
    found = await runs(db, business)
    assert [period for period, _, _ in found] == [f"2026-W{week:02d}" for week in range(1, 53)]
    assert {state for _, state, _ in found} <= {RunState.DUE, RunState.SKIPPED}
    assert [period for period, state, _ in found if state == RunState.SKIPPED] != []
