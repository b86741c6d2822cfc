"""Whoever orders a sync or a digest sees how it goes and how it ended, and is not kept waiting for nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from cli import digest
from cli.sync import sync
from domains.audit import list_entries
from domains.sync_history import SyncRunRow
from kit import outbox
from kit.errors import Refused
from kit.runtime import Runtime
from orchestrators.digest_runs import DigestRunRow
from tests.conftest import new_business
from tests.integration.cli.conftest import AT, Tenant, found

Job = Callable[[Runtime, outbox.Claim], Awaitable[None]]


@pytest.fixture
async def tenant(runtime: Runtime) -> Tenant:
    async with runtime.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))
    return await found(runtime)


async def worker(runtime: Runtime, job: Job) -> None:
    """Takes the next row and does this with it."""
    while True:
        async with runtime.db.system_session() as session:
            claim = await outbox.claim(session)
        if claim is not None:
            return await job(runtime, claim)
        await asyncio.sleep(0.01)


def ends(state: str, *, reason: str | None = None) -> Job:
    async def run(runtime: Runtime, claim: outbox.Claim) -> None:
        async with runtime.db.tenant_session(claim.business_id) as session:
            session.add(
                SyncRunRow(
                    id=uuid4(),
                    job_key=str(claim.id),
                    kind=claim.payload["kind"],
                    actor="runway",
                    state=state,
                    phase="reading bills",
                    started_at=AT,
                    finished_at=AT,
                    requests=41,
                    changed=1234,
                    reason=reason,
                    reference="tid-1" if reason else None,
                )
            )
        async with runtime.db.system_session() as session:
            await (outbox.bury(session, claim, error="x") if reason else outbox.finish(session, claim))

    return run


async def with_worker(runtime: Runtime, job: Job, command: Awaitable[bool]) -> bool:
    working = asyncio.create_task(worker(runtime, job))
    try:
        return await command
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


@pytest.mark.parametrize(("full", "kind"), [(True, "full"), (False, "incremental")])
async def test_a_sync_is_watched_to_its_end(
    *, full: bool, kind: str, runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await with_worker(runtime, ends("succeeded"), sync(runtime, tenant.team, full=full))
    said = capsys.readouterr().out
    assert f"{kind}: reading bills" in said
    assert "with 41 requests: 1,234 records changed" in said
    async with runtime.db.tenant_session(tenant.id) as session:
        [entry] = await list_entries(session)
    assert (entry.actor, entry.action, entry.source) == ("runway", "sync.ordered", "command line")


async def test_a_sync_that_fails_says_why_and_what_support_asks_for(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    job = ends("failed", reason="QuickBooks asks for your consent again.")
    assert not await with_worker(runtime, job, sync(runtime, tenant.team, full=False))
    assert "QuickBooks asks for your consent again. (reference tid-1)" in capsys.readouterr().out


async def test_a_job_that_died_without_a_word_points_to_the_log(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    async def dies(runtime: Runtime, claim: outbox.Claim) -> None:
        async with runtime.db.system_session() as session:
            await outbox.bury(session, claim, error="x")

    assert not await with_worker(runtime, dies, sync(runtime, tenant.team, full=False))
    assert "see the log of the worker" in capsys.readouterr().out


async def test_without_a_worker_nobody_waits_forever_and_the_order_stays(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not await sync(runtime, tenant.team, full=False, patience=0)
    assert "stays in the queue" in capsys.readouterr().out
    async with runtime.db.system_session() as session:
        assert await outbox.claim(session) is not None


async def test_there_is_nothing_to_sync_without_a_connection(runtime: Runtime) -> None:
    bare = await new_business(runtime.db)
    with pytest.raises(Refused, match="not connected"):
        await sync(runtime, str(bare), full=False)


def posts(state: str, **facts: str) -> Job:
    async def run(runtime: Runtime, claim: outbox.Claim) -> None:
        async with runtime.db.tenant_session(claim.business_id) as session:
            statement = select(DigestRunRow).where(DigestRunRow.id == UUID(claim.payload["run_id"]))
            row = (await session.execute(statement)).scalar_one()
            row.state = state
            for name, value in facts.items():
                setattr(row, name, value)
        async with runtime.db.system_session() as session:
            await outbox.finish(session, claim)

    return run


async def test_a_digest_is_watched_until_it_stands(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = posts("posted", channel="C0FINANCE", ts="1.0")
    assert await with_worker(runtime, posted, digest.post(runtime, tenant.team))
    assert "Posted in C0FINANCE." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (posts("skipped", reason="never_synced"), "it was skipped (never_synced)"),
        (posts("unknown"), "Slack did not say"),
        (posts("built"), "it stopped as built"),
    ],
)
async def test_a_digest_that_does_not_stand_says_why(
    job: Job, why: str, runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not await with_worker(runtime, job, digest.post(runtime, tenant.team))
    assert why in capsys.readouterr().out


async def test_a_digest_that_is_under_way_is_not_ordered_twice(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert not await digest.post(runtime, tenant.team, patience=0)
    said = capsys.readouterr()
    assert "It was under way already." in said.err
    assert said.out.count("stays in the queue") == 2


async def test_a_preview_is_the_text_that_stands_alone_and_keeps_nothing(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    await digest.preview(runtime, tenant.team, as_json=False)
    assert "Preview: only you see this" in capsys.readouterr().out
    await digest.preview(runtime, tenant.team, as_json=True)
    assert '"preview": true' in capsys.readouterr().out
    async with runtime.db.tenant_session(tenant.id) as session:
        assert (await session.execute(select(DigestRunRow))).first() is None
