"""Compares counts with QuickBooks and, where they differ, every id: what no change ever told is found here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import delete, func, literal, or_, select

from domains.mirror import Entity, QuarantineRow, RecordRow
from domains.qbo import query
from domains.qbo.entities import POINTERS
from domains.qbo.faults import MalformedAnswer
from domains.qbo.mapping import LONGEST_ID
from domains.qbo.paging import Slice, ask
from domains.qbo.rereading import documents_of, is_nameless, reread, settle
from domains.qbo.run import Run, Sorted, sort
from domains.qbo.wire import Page
from kit.db import TenantSession
from kit.errors import Busy

SWEEPS = 2
ASKED = 3
# A count that stays wrong is looked at again after as long as it has been wrong, between these.
SOONEST_S, LATEST_S = 60.0, 3600.0

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
    different = await compare(run, asked, nameless=False) if asked else {}
    await _forget_nameless(run, [entity for entity in asked if entity not in different])
    moving: list[Entity] = []
    for _ in range(SWEEPS):
        if not different:
            return
        moving = [entity for entity in different if await sweep(run, entity)]
        different = await compare(run, list(different), nameless=True)
    _judge(run, different, moving)


def _judge(run: Run, different: Mapping[Entity, int], moving: Sequence[Entity]) -> None:
    """More than are counted are no fault of the mirror where QuickBooks just had each of them when it was asked."""
    wrong = [entity for entity, surplus in different.items() if surplus < 0 or entity in moving]
    if wrong:
        wrong_for = (run.clock.now() - run.started_at).total_seconds()
        reason = f"QuickBooks counts other {', '.join(wrong)} records than the mirror"
        raise CountsDiffer(reason, retry_after=min(LATEST_S, max(SOONEST_S, wrong_for)))
    for entity in different:
        log.error("mirror.count_disputed", entity=entity)


async def compare(run: Run, entities: Sequence[Entity], *, nameless: bool) -> dict[Entity, int]:
    """The kinds whose count differs, with how many more the mirror holds (fewer: negative).

    A record that came without a usable id is `nameless`: it counts only after a sweep, which may have met it whole.
    """
    answers = await run.client.batch({entity: query.count(entity) for entity in entities})
    counted = {entity: page.total or 0 for entity, page in answers.items()}
    different = await _differing(run, entities, counted, nameless=nameless)
    if any(answers[entity].total is None for entity in different):
        raise MalformedAnswer(None)  # nothing is no count: whoever answers so would empty the mirror
    return different


async def _differing(
    run: Run, entities: Sequence[Entity], counted: Mapping[str, int], *, nameless: bool
) -> dict[Entity, int]:
    async with run.unit() as session:
        held = await count_held(session, nameless=nameless)
        await run.note(session)
    return {entity: more for entity in entities if (more := held.get(entity, 0) - counted[entity])}


async def _forget_nameless(run: Run, entities: Sequence[Entity]) -> None:
    """Where all that is counted is held, a record that once came without its id was met again, with it."""
    statement = delete(QuarantineRow).where(
        QuarantineRow.entity.in_(entities), func.length(QuarantineRow.qbo_id) > LONGEST_ID
    )
    async with run.unit() as session:
        await session.execute(statement)


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


async def sweep(run: Run, entity: Entity) -> bool:
    """Read a kind from beginning to end, store what is missing, and ask once more for what did not come.

    Whether some of that was gone.
    """
    log.warning("mirror.swept", entity=entity)
    seen: set[str] = set()
    async for found, answered in read_to_the_end(run, Slice(entity, 1)):
        seen |= {row.qbo_id for row in found.rows} | {row.qbo_id for row in found.rejected}
        async with run.unit() as session:
            await run.take(session, found, answered)
    async with run.unit() as session:
        unseen = await _held_but_not(session, entity, seen)
    return bool(unseen) and await ask_for(run, {entity: unseen})


async def read_to_the_end(run: Run, part: Slice) -> AsyncIterator[tuple[Sorted, datetime]]:
    """Pages, each with its time. The last is shorter than another: shorter than was asked for many may be."""
    longest = 1
    while not part.done:
        page, found, asked = await _ask_well(run, part)
        received = len(page.rows.get(part.entity, ()))
        longest = max(longest, received)
        part = part.after(found.rows, received, asked=min(asked, longest))
        yield found, page.answered


async def _ask_well(run: Run, part: Slice) -> tuple[Page, Sorted, int]:
    """A record that comes without its id may come with it when it is asked for again."""
    left = ASKED
    while True:
        page, asked = await ask(run, part)
        found, left = sort(page), left - 1
        if not left or not is_nameless(found):
            return page, found, asked


async def ask_for(run: Run, wanted: dict[Entity, set[str]]) -> bool:
    """By id; and where a name is gone, also the documents that pointed to it: it may have been merged.

    Whether anything was gone.
    """
    answers = await reread(run, wanted)
    for kind in POINTERS:
        gone = [qbo_id for answer in answers for qbo_id in answer.missing.get(kind, ())]
        async with run.unit() as session:
            orphans = await documents_of(session, kind, gone)
        answers += await reread(run, orphans)
    async with run.unit() as session:
        await settle(run, session, answers)
    return any(answer.missing for answer in answers)


async def _held_but_not(session: TenantSession, entity: Entity, seen: set[str]) -> set[str]:
    statement = select(RecordRow.qbo_id).where(RecordRow.entity == entity, RecordRow.deleted_at.is_(None))
    held = set((await session.execute(statement)).scalars())
    await _forget_quarantined(session, entity, seen)
    return held - seen


async def _forget_quarantined(session: TenantSession, entity: Entity, seen: set[str]) -> None:
    """A record that could not be read and is gone now needs nobody's attention."""
    statement = select(QuarantineRow).where(QuarantineRow.entity == entity)
    for row in (await session.execute(statement)).scalars():
        if row.qbo_id not in seen:
            await session.delete(row)
