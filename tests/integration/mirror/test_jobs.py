"""Syncs as jobs: ordered in Slack, carried out by a worker, told as they move, refused when they would not help."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from bot.messenger import Messenger
from bot.tools import Tools
from domains.books import Books
from domains.freshness import Freshness
from domains.people import Caller, Role, set_roles
from domains.sync_history import RunState, SyncRunRow
from kit.config import Settings
from kit.db import Database
from kit.errors import NotAllowed, Refused
from kit.metrics import Metrics
from kit.outbox import OutboxRow, enqueue
from kit.runtime import Runtime
from orchestrators.jobs import RereadRecord
from orchestrators.results.onboarding import SyncState
from orchestrators.sync import SyncOrchestrator
from sandbox.qbo import mutations
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, truth
from workers import import_all
from workers.actor import run_next

ADMIN, MEMBER = Caller("UADMIN", frozenset({Role.ADMIN})), Caller("UMEMBER", frozenset({Role.MEMBER}))


@pytest.fixture
async def tools(stage: Stage, business: UUID) -> AsyncIterator[Tools]:
    """The worker's own, with a Slack that nobody speaks to here."""
    import_all()
    redis = Redis()
    runtime = Runtime(Settings(), stage.db, redis, stage.clock, stage.keyring, Metrics())
    async with stage.db.tenant_session(business) as session:
        await set_roles(session, ADMIN.slack_user, {Role.ADMIN}, by="test")
        await set_roles(session, MEMBER.slack_user, {Role.MEMBER}, by="test")
    yield Tools(runtime, cast(Messenger, None), Books(stage.service))
    await redis.aclose()


async def start(stage: Stage, business: UUID, caller: Caller = ADMIN, *, full: bool = False) -> bool:
    async with stage.db.tenant_session(business) as session:
        return await SyncOrchestrator(session, stage.clock).start(caller, full=full)


async def jobs(db: Database, business: UUID, kind: str) -> list[OutboxRow]:
    async with db.tenant_session(business) as session:
        found = select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.created_at)
        return list((await session.execute(found)).scalars())


async def carry_out(tools: Tools, business: UUID, kind: str) -> None:
    (row,) = [row for row in await jobs(tools.db, business, kind) if row.done_at is None]
    assert await run_next(tools, only=row.id)


async def test_an_ordered_sync_is_carried_out_and_what_follows_is_ordered(
    stage: Stage, tools: Tools, business: UUID
) -> None:
    assert await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []
    (desk,) = await jobs(stage.db, business, "RefreshDesk")
    assert desk.payload["asked_at"] == stage.clock.now().isoformat()
    assert len(await jobs(stage.db, business, "ShowFirstSteps")) == 1


async def test_progress_moves_in_steps_and_ends(stage: Stage, tools: Tools, business: UUID) -> None:
    await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    steps = [row.dedupe_key for row in await jobs(stage.db, business, "ShowProgress")]
    assert 5 < len(steps) < 60
    assert any("reading" in step for step in steps)
    async with stage.db.tenant_session(business) as session:
        run = (await session.execute(select(SyncRunRow))).scalar_one()
        progress = await SyncOrchestrator(session, stage.clock).get_progress(run.id)
    assert (progress.state, progress.first) == (SyncState.SUCCEEDED, True)
    assert progress.done == progress.expected == sum(line.done for line in progress.entities) > 0


async def test_only_who_manages_may_start_a_sync(stage: Stage, tools: Tools, business: UUID) -> None:
    with pytest.raises(NotAllowed, match="<@UADMIN>"):
        await start(stage, business, MEMBER)


async def test_a_second_sync_waits_for_the_cooldown_and_a_full_one_for_its_own(
    stage: Stage, tools: Tools, business: UUID
) -> None:
    await start(stage, business, full=True)
    await carry_out(tools, business, "SyncBooksNow")
    with pytest.raises(Refused, match="Try again in"):
        await start(stage, business)
    with pytest.raises(Refused, match="Try again in 5 min"):
        await start(stage, business, full=True)
    stage.clock.advance(timedelta(seconds=31))
    assert await start(stage, business)


async def test_while_one_runs_no_other_is_started(stage: Stage, tools: Tools, business: UUID) -> None:
    async with stage.db.tenant_session(business) as session:
        facts = {"kind": "full", "actor": "U1", "phase": "reading", "started_at": stage.clock.now()}
        row = SyncRunRow(id=uuid4(), job_key="other", state=RunState.RUNNING, **facts)
        session.add(row)
    assert not await start(stage, business)
    assert await jobs(stage.db, business, "SyncBooksNow") == []


async def test_an_interrupted_job_takes_up_its_own_run(stage: Stage, tools: Tools, business: UUID) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.THROTTLED, skip=5))
    await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    (row,) = await jobs(stage.db, business, "SyncBooksNow")
    assert (row.done_at, row.attempts) == (None, 0)
    async with stage.db.tenant_session(business) as session:
        held = await session.get_one(OutboxRow, (business, row.id))
        held.not_before = held.created_at
    await carry_out(tools, business, "SyncBooksNow")
    async with stage.db.tenant_session(business) as session:
        (run,) = (await session.execute(select(SyncRunRow))).scalars().all()
    assert run.state == RunState.SUCCEEDED
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []


async def test_a_sync_that_failed_for_good_is_told_and_may_be_repeated_at_once(
    stage: Stage, tools: Tools, business: UUID
) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.STALE))
    await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    assert len(await jobs(stage.db, business, "ReviewAlerts")) == 1
    stage.clock.advance(timedelta(seconds=1))
    assert await start(stage, business)


async def test_the_status_tells_rows_runs_reads_and_age(stage: Stage, tools: Tools, business: UUID) -> None:
    await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    stage.clock.advance(timedelta(minutes=80))
    async with stage.db.tenant_session(business) as session:
        status = await SyncOrchestrator(session, stage.clock).get_status(ADMIN)
    rows = {line.entity: line.rows for line in status.entities}
    tables = stage.company(business).tables
    assert rows == {line.entity: len(tables[line.entity]) for line in status.entities}
    assert {line.state for line in status.entities if line.entity == "Bill"} == {Freshness.AGING}
    (run,) = status.runs
    assert run.requests == stage.requests(business)
    assert status.reads_this_month == run.reads
    assert status.may_start


async def test_resolving_reads_the_one_record_again(stage: Stage, tools: Tools, business: UUID) -> None:
    await start(stage, business)
    await carry_out(tools, business, "SyncBooksNow")
    rows = (row.doc() for row in stage.company(business).tables["Bill"].values())
    bill = next(doc["Id"] for doc in rows if doc["Balance"] > 0)
    stage.clock.advance(timedelta(minutes=2))
    change = {"op": "raw", "entity": "Bill", "id": bill, "set": {"DueDate": "2027-03-01"}}
    mutations.apply(stage.company(business), change, stage.clock.now())
    before = stage.requests(business)
    async with stage.db.tenant_session(business) as session:
        await enqueue(session, RereadRecord(kind="Bill", qbo_id=bill, subject=f"Bill:{bill}:X"), key="reread")
    await carry_out(tools, business, "RereadRecord")
    assert stage.requests(business) - before == 1
    assert (await mirror(stage.db, business))[("Bill", bill)]["DueDate"] == "2027-03-01"
    assert [row.payload["subject"] for row in await jobs(stage.db, business, "Redraw")] == [f"Bill:{bill}:X"]
