"""One sync run: its client, its transactions, and the row of `sync_runs` that people watch while it goes on."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert

from domains.mirror import Entity
from domains.qbo import storage
from domains.qbo.client import QboClient
from domains.qbo.entities import find_entity
from domains.qbo.mapping import Gone, Rejected, Row, read_rows
from domains.qbo.storage import Key, Origin
from domains.qbo.wire import Page
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.clock import Clock
from kit.db import TenantSession

Unit: TypeAlias = Callable[[], AbstractAsyncContextManager[TenantSession]]
# Told inside the transaction that moved a run, so that people are shown progress that is true.
Moved: TypeAlias = Callable[[TenantSession, UUID], Awaitable[None]]

# All that a page changes beside the mirror, in one statement: what is asked between pages is what pages wait for.
BOOKED = text("""
WITH metered AS (
  INSERT INTO read_meter (business_id, month, reads, requests) VALUES (:business, :month, :reads, :requests)
  ON CONFLICT (business_id, month) DO UPDATE SET reads = read_meter.reads + excluded.reads,
    requests = read_meter.requests + excluded.requests, updated_at = now()),
paged AS (
  UPDATE sync_slices SET position = :position, skip = :skip, done = :ended
  WHERE business_id = :business AND entity = :entity AND number = :number)
UPDATE sync_runs SET requests = requests + :requests, reads = reads + :reads, changed = changed + :changed,
  quarantined = quarantined + :quarantined, done = done + :done,
  progress = jsonb_set(progress, ARRAY[CAST(:entity AS text)],
    jsonb_build_object('expected', coalesce(CAST(progress->:entity->>'expected' AS int), 0),
                       'done', coalesce(CAST(progress->:entity->>'done' AS int), 0) + :done))
WHERE business_id = :business AND id = :id
""")
TURN = 50  # rows, less than a millisecond


@dataclass(frozen=True, slots=True)
class Sorted:
    """An answer's records, read: rows for the mirror, claims of deletion, and what cannot be read."""

    rows: list[Row] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """`unit` opens a transaction that may only commit while this run is the one that should be running."""

    id: UUID
    kind: Kind
    actor: str
    unit: Unit
    client: QboClient
    clock: Clock
    since: datetime | None
    started_at: datetime
    moved: Moved
    # Pages of one kind are stored one after the other, those of several kinds side by side.
    turns: defaultdict[Entity, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    sorting: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Digests of the documents that were stored ahead of their turn: all pages bring them again.
    ahead: defaultdict[Entity, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    @property
    def origin(self) -> Origin:
        return Origin(self.kind, self.actor, self.id, self.clock.now())

    async def enter(self, phase: str) -> None:
        async with self.unit() as session:
            await self.note(session, phase=phase)
            await self.moved(session, self.id)

    async def note(self, session: TenantSession, **facts: object) -> None:
        """Change the run's row in this transaction, and write down what was asked of QuickBooks since the last time."""
        requests, reads = await self.client.meter.write(session, self.clock.now())
        counted = {"requests": SyncRunRow.requests + requests, "reads": SyncRunRow.reads + reads}
        await session.execute(update(SyncRunRow).where(SyncRunRow.id == self.id).values(**counted, **facts))

    async def take(self, session: TenantSession, found: Sorted, as_of: datetime) -> list[Key]:
        """Store an answer's rows in this transaction. Deletions are not taken at their word here."""
        news = await storage.store(session, found.rows, as_of, self.origin)
        refused = await storage.quarantine(session, found.rejected, self.origin)
        changes = {"changed": SyncRunRow.changed + len(news), "quarantined": SyncRunRow.quarantined + refused}
        await self.note(session, **changes)
        return news

    async def bury(self, session: TenantSession, entity: Entity, ids: Sequence[str], as_of: datetime) -> None:
        buried = await storage.bury(session, entity, ids, as_of, self.origin)
        await self.note(session, deleted=SyncRunRow.deleted + buried)

    async def take_page(
        self, session: TenantSession, found: Sorted, as_of: datetime, booked: dict[str, Any], *, unseen: bool
    ) -> None:
        """Store a page of a slice; `booked` says where the slice goes on and how many rows that were."""
        news = await storage.store(session, found.rows, as_of, self.origin, unseen=unseen)
        refused = await storage.quarantine(session, found.rejected, self.origin)
        month, requests, reads = self.client.meter.drain(session, self.clock.now())
        counted = {"month": month, "requests": requests, "reads": reads, "changed": len(news), "quarantined": refused}
        await session.execute(BOOKED, {"business": session.business_id, "id": self.id, **counted, **booked})
        await self.moved(session, self.id)


async def sort_in_turns(run: Run, page: Page) -> Sorted:
    """The same as `sort`, giving way now and then: pages being stored must not wait for those being read."""
    found = Sorted()
    async with run.sorting:
        for name, raws in page.rows.items():
            for start in range(0, len(raws), TURN):
                part = sort(msgspec.structs.replace(page, rows={name: raws[start : start + TURN]}))
                found.rows.extend(part.rows)
                found.gone.extend(part.gone)
                found.rejected.extend(part.rejected)
                await asyncio.sleep(0)
    return found


def sort(page: Page) -> Sorted:
    """Kinds that nobody asked for are passed over."""
    found = Sorted()
    for name, raws in page.rows.items():
        entity = find_entity(name)
        for record in read_rows(entity, raws) if entity else ():
            match record:
                case Row():
                    found.rows.append(record)
                case Gone():
                    found.gone.append(record)
                case Rejected():
                    found.rejected.append(record)
    return found


async def nobody_watches(_session: TenantSession, _run_id: UUID) -> None:
    """The default of `Moved`."""


async def open_run(
    unit: Unit, client: QboClient, clock: Clock, *, kind: Kind, actor: str, job_key: str, moved: Moved = nobody_watches
) -> Run:
    """Begin, or take up where the same job was interrupted."""
    now = clock.now()
    async with unit() as session:
        statement = (
            insert(SyncRunRow)
            .values(
                business_id=session.business_id,
                id=uuid4(),
                job_key=job_key,
                kind=kind,
                actor=actor,
                state=RunState.RUNNING,
                phase="starting",
                started_at=now,
            )
            .on_conflict_do_update(
                index_elements=["business_id", "job_key"],
                set_={"state": RunState.RUNNING, "reason": None, "finished_at": None},
            )
            .returning(SyncRunRow.id, SyncRunRow.since, SyncRunRow.started_at)
        )
        row = (await session.execute(statement)).one()
        await moved(session, row.id)
    return Run(row.id, kind, actor, unit, client, clock, row.since, row.started_at, moved)


async def close_run(run: Run, state: RunState, *, reason: str | None = None, reference: str | None = None) -> None:
    finished = None if state is RunState.WAITING else func.now()
    async with run.unit() as session:
        facts = {"state": state, "reason": reason, "reference": reference, "finished_at": finished}
        await run.note(session, **facts)
        await run.moved(session, run.id)
