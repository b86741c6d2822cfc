"""Reads a company from beginning to end: plan, page, catch up, verify; only then is the mirror called complete.

Where it was interrupted is in the database, so the same job goes on at the page it had come to.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from domains.mirror import Entity, RecordRow
from domains.qbo import cursors, query
from domains.qbo.changes import Changed, read_changes
from domains.qbo.client import BATCH_ITEMS
from domains.qbo.describing import describe, singles_of
from domains.qbo.entities import MANY, POINTERS, SINGLES
from domains.qbo.paging import OPEN_ONLY, OPEN_SLICE, Slice, list_slices, read_slices
from domains.qbo.run import Run, Sorted, sort
from domains.qbo.verifying import ask_for, verify
from domains.qbo.wire import Page
from domains.sync_history import SliceRow, SyncRunRow
from kit.db import TenantSession

OPEN_FIRST = (Entity.BILL, Entity.INVOICE)
# Aim at this many slices in all: enough to keep every place in flight busy to the end.
SLICES = 16
# Pages overlap by the rows that share a time: a slice is cut a little short, so that it ends with a full page.
SLACK = 8
RESUME_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Plan:
    """`since` is QuickBooks's time before the first page."""

    since: datetime
    counts: Mapping[Entity, int]
    slices: Sequence[Slice]
    singles: Sorted


async def read_everything(run: Run) -> Changed:
    since, revisit = await _begin(run)
    async with run.unit() as session:
        slices = await list_slices(session)
    await run.enter("reading")
    await read_slices(run, slices, confirm=revisit)
    await run.enter("catching up")
    if revisit:
        await _find_vanished(run)
    changed = await read_changes(run, since)
    await run.enter("verifying")
    await verify(run, MANY, counted=None if changed.news else await _planned(run))
    await _finish(run)
    return changed


async def _planned(run: Run) -> dict[str, int]:
    """What QuickBooks counted when this run was planned; not of names, as a merge of two is told by no change."""
    async with run.unit() as session:
        statement = select(SyncRunRow.progress).where(SyncRunRow.id == run.id)
        progress = (await session.execute(statement)).scalar_one()
    return {entity: part["expected"] for entity, part in progress.items() if entity not in POINTERS}


async def _begin(run: Run) -> tuple[datetime, bool]:
    """The time to catch up from, and whether there was a mirror before this run."""
    async with run.unit() as session:
        planned = (await session.execute(select(func.count()).select_from(SliceRow))).scalar_one()
        older = select(RecordRow.qbo_id).where(RecordRow.last_synced < run.started_at).limit(1)
        revisit = (await session.execute(older)).scalar_one_or_none() is not None
    if planned and run.since and run.clock.now() - run.started_at < RESUME_WITHIN:
        return run.since, revisit
    plan = await _plan(run)
    async with run.unit() as session:
        await _save(run, session, plan)
    return plan.since, revisit


async def _plan(run: Run) -> Plan:
    asked: dict[str, str] = {entity: query.count(entity) for entity in MANY}
    asked |= {entity: query.single(entity) for entity in SINGLES}
    asked |= {f"open {entity}": query.count(entity, *OPEN_ONLY) for entity in OPEN_FIRST}
    answers = await run.client.batch(asked)
    counts = {entity: answers[entity].total or 0 for entity in MANY}
    slices = [part for entity in MANY for part in await _slices(run, entity, counts)]
    slices += [Slice(entity, OPEN_SLICE) for entity in OPEN_FIRST if _worth(answers, counts, entity)]
    first = answers[Entity.COMPANY_INFO].answered
    return Plan(first, counts, slices, singles_of(answers))


def _worth(answers: Mapping[str, Page], counts: Mapping[Entity, int], entity: Entity) -> bool:
    """Open documents are read first when they are few among many; else they come with the first page anyway."""
    few = answers[f"open {entity}"].total or 0
    return counts[entity] > query.PAGE and 0 < few <= counts[entity] // 4


async def _slices(run: Run, entity: Entity, counts: Mapping[Entity, int]) -> list[Slice]:
    """Stretches of about the same number of rows, cut where the rows' own times say."""
    pages = max(2, math.ceil(sum(counts.values()) / query.PAGE / SLICES))
    stride = pages * (query.PAGE - SLACK)
    if counts[entity] <= stride:
        return [Slice(entity, 1)]
    cuts = await _times_at(run, entity, range(stride, counts[entity], stride))
    bounds: list[datetime | None] = [None, *cuts, None]
    return [Slice(entity, number + 1, bounds[number], bounds[number + 1]) for number in range(len(bounds) - 1)]


async def _times_at(run: Run, entity: Entity, places: Sequence[int]) -> list[datetime]:
    times: set[datetime] = set()
    for start in range(0, len(places), BATCH_ITEMS):
        asked = {str(place): query.page(entity, skip=place, limit=1) for place in places[start : start + BATCH_ITEMS]}
        for page in (await run.client.batch(asked)).values():
            times.update(row.last_updated for row in sort(page).rows)
    return sorted(times)


async def _save(run: Run, session: TenantSession, plan: Plan) -> None:
    await session.execute(delete(SliceRow))
    for part in plan.slices:
        values = {"entity": part.entity, "number": part.number, "position": part.position, "until": part.until}
        await session.execute(insert(SliceRow).values(business_id=session.business_id, **values))
    await run.take(session, plan.singles, plan.since)
    await describe(session)
    progress = {entity: {"expected": number, "done": 0} for entity, number in plan.counts.items()}
    expected = sum(plan.counts.values())
    await run.note(session, since=plan.since, expected=expected, done=0, progress=progress, phase="reading")


async def _find_vanished(run: Run) -> None:
    """What the mirror had before and no page brought: asked for by id, then buried or kept."""
    async with run.unit() as session:
        statement = select(RecordRow.entity, RecordRow.qbo_id).where(
            RecordRow.last_synced < run.started_at, RecordRow.deleted_at.is_(None), RecordRow.entity.in_(MANY)
        )
        rows = (await session.execute(statement)).all()
    wanted: dict[Entity, set[str]] = {}
    for entity, qbo_id in rows:
        wanted.setdefault(Entity(entity), set()).add(qbo_id)
    if wanted:
        await ask_for(run, wanted)


async def _finish(run: Run) -> None:
    now = run.clock.now()
    async with run.unit() as session:
        await session.execute(delete(SliceRow))
        watermark = await cursors.find_watermark(session)
        assert watermark is not None
        await cursors.advance(session, watermark, now, full_at=now, counted_at=now, reconciled_at=now)
        await run.note(session, phase="complete")
