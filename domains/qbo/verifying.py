"""Compares counts with QuickBooks and, where they differ, every id: what no change ever told is found here."""

from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy import func, literal, or_, select, tuple_

from domains.mirror import Entity, QuarantineRow, RecordRow
from domains.qbo import query
from domains.qbo.entities import POINTERS
from domains.qbo.mapping import LONGEST_ID
from domains.qbo.paging import Slice, ask
from domains.qbo.rereading import documents_of, reread, settle
from domains.qbo.run import Run, sort
from kit.db import TenantSession
from kit.errors import Busy

SWEEPS = 2

log = structlog.get_logger(__name__)


class CountsDiffer(Busy):
    """The mirror does not hold what QuickBooks counts; it is not called complete."""


async def verify(run: Run, entities: Sequence[Entity], *, counted: Mapping[str, int] | None = None) -> None:
    """Raises `CountsDiffer` when two sweeps could not make the mirror equal: people are editing too fast, or we err.

    `counted` is what QuickBooks counted before, where nothing that changes would leave unsaid changed since: those
    kinds are asked about again only where the mirror differs.
    """
    known = counted or {}
    doubted = await _differing(run, [entity for entity in entities if entity in known], known, nameless=False)
    asked = [entity for entity in entities if entity not in known or entity in doubted]
    different = await compare(run, asked, nameless=False) if asked else []
    for _ in range(SWEEPS):
        if not different:
            return
        for entity in different:
            log.warning("mirror.swept", entity=entity)
            await sweep(run, entity)
        different = await compare(run, different, nameless=True)
    if different:
        raise CountsDiffer(f"QuickBooks counts other {', '.join(different)} records than the mirror", retry_after=60)


async def compare(run: Run, entities: Sequence[Entity], *, nameless: bool) -> list[Entity]:
    """The kinds whose count differs.

    A record that came without a usable id is `nameless`: it counts only after a sweep, which may have met it whole.
    """
    answers = await run.client.batch({entity: query.count(entity) for entity in entities})
    counted = {entity: page.total or 0 for entity, page in answers.items()}
    return await _differing(run, entities, counted, nameless=nameless)


async def _differing(
    run: Run, entities: Sequence[Entity], counted: Mapping[str, int], *, nameless: bool
) -> list[Entity]:
    async with run.unit() as session:
        held = await count_held(session, nameless=nameless)
        await run.note(session)
    return [entity for entity in entities if counted[entity] != held.get(entity, 0)]


async def count_held(session: TenantSession, *, nameless: bool = True) -> dict[str, int]:
    """Records per kind that QuickBooks should have too, those that could not be read among them."""
    live = RecordRow.deleted_at.is_(None)
    rows = select(RecordRow.entity, func.count()).where(live).group_by(RecordRow.entity)
    held = dict((await session.execute(rows)).all())
    mirrored = select(RecordRow.qbo_id).where(
        RecordRow.entity == QuarantineRow.entity, RecordRow.qbo_id == QuarantineRow.qbo_id, live
    )
    lost = (
        select(QuarantineRow.entity, func.count())
        .where(
            ~mirrored.correlate(QuarantineRow).exists(),
            or_(literal(nameless), func.length(QuarantineRow.qbo_id) <= LONGEST_ID),
        )
        .group_by(QuarantineRow.entity)
    )
    for entity, number in await session.execute(lost):
        held[entity] = held.get(entity, 0) + number
    return held


async def sweep(run: Run, entity: Entity) -> None:
    """Read a kind from beginning to end, store what is missing, and ask once more for what did not come."""
    seen: set[str] = set()
    part = Slice(entity, 1)
    while not part.done:
        page, asked = await ask(run, part)
        found = sort(page)
        seen |= {row.qbo_id for row in found.rows} | {row.qbo_id for row in found.rejected}
        async with run.unit() as session:
            await run.take(session, found, page.answered)
        part = part.after(found.rows, len(page.rows.get(entity, ())), asked=asked)
    async with run.unit() as session:
        unseen = await _held_but_not(session, entity, seen)
    if unseen:
        await ask_for(run, {entity: unseen})


async def ask_for(run: Run, wanted: dict[Entity, set[str]]) -> None:
    """By id; and where a name is gone, also the documents that pointed to it: it may have been merged."""
    answers = await reread(run, wanted)
    for kind in POINTERS:
        gone = [qbo_id for answer in answers for qbo_id in answer.missing.get(kind, ())]
        async with run.unit() as session:
            orphans = await documents_of(session, kind, gone)
        answers += await reread(run, orphans)
    async with run.unit() as session:
        await settle(run, session, answers)


async def _held_but_not(session: TenantSession, entity: Entity, seen: set[str]) -> set[str]:
    statement = select(RecordRow.qbo_id).where(RecordRow.entity == entity, RecordRow.deleted_at.is_(None))
    held = set((await session.execute(statement)).scalars())
    await _forget_quarantined(session, entity, seen)
    return held - seen


async def _forget_quarantined(session: TenantSession, entity: Entity, seen: set[str]) -> None:
    """A record that could not be read and is gone now needs nobody's attention."""
    key = tuple_(QuarantineRow.entity, QuarantineRow.qbo_id)
    statement = select(QuarantineRow).where(QuarantineRow.entity == entity, key.not_in([(entity, i) for i in seen]))
    for row in (await session.execute(statement)).scalars():
        await session.delete(row)
