"""What changed since the watermark: one request for all kinds, more only where QuickBooks had to cut its answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domains.mirror import Entity
from domains.qbo import cursors, storage
from domains.qbo.entities import MANY
from domains.qbo.mapping import Gone, Row
from domains.qbo.paging import TOO_MUCH, Slice, is_too_much
from domains.qbo.rereading import Reread, doubtful, is_nameless, reread, settle
from domains.qbo.run import Run, Sorted, sort
from domains.qbo.storage import Key
from domains.qbo.verifying import read_to_the_end, verify
from domains.qbo.wire import Page

CUT_AT = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """Records as of one moment."""

    found: Sorted
    answered: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """What a run brought, for those who react to it. `news` are records whose content differs from before."""

    news: list[Key] = field(default_factory=list)
    answered: datetime | None = None


async def read_changes(run: Run, since: datetime, *, overlap: timedelta = cursors.OVERLAP) -> Changed:
    """Bring the mirror up to date and move the watermark, all in one transaction unless the answer was cut."""
    page = await _find_page(run, MANY, since - overlap)
    if page is None or page.size >= CUT_AT:
        return await _read_apart(run, since, overlap)
    return await _take(run, [Answer(sort(page), page.answered)], page.answered, since)


async def _find_page(run: Run, entities: Sequence[Entity], since: datetime) -> Page | None:
    """None when the answer would be too long or take too long: it must be asked for in smaller pieces."""
    try:
        return await run.client.changes(entities, since)
    except TOO_MUCH as error:
        if not is_too_much(error):
            raise
        return None


async def _take(
    run: Run, answers: Sequence[Answer], answered: datetime, since: datetime, *, whole: bool = True
) -> Changed:
    """What is not `whole` leaves the watermark where it was."""
    rows = [row for answer in answers for row in answer.found.rows]
    gone = [claim for answer in answers for claim in answer.found.gone]
    async with run.unit() as session:
        wanted = await doubtful(session, rows, gone)
    again: list[Reread] = await reread(run, wanted)
    async with run.unit() as session:
        await storage.lock(session, MANY)
        news = [key for answer in answers for key in await run.take(session, answer.found, answer.answered)]
        await settle(run, session, again)
        watermark = _watermark(answers, answered, since) if whole else since
        await cursors.advance(session, watermark, run.clock.now())
    return Changed(news, answered)


def _watermark(answers: Sequence[Answer], answered: datetime, since: datetime) -> datetime:
    if _are_nameless(answers):
        return since
    told: list[Row | Gone] = []
    for answer in answers:
        told += [*answer.found.rows, *answer.found.gone]
    return cursors.next_watermark(since, answered, told)


def _are_nameless(answers: Sequence[Answer]) -> bool:
    """A change of we do not know what: it must be told again, so the watermark stays."""
    return any(is_nameless(answer.found) for answer in answers)


async def _read_apart(run: Run, since: datetime, overlap: timedelta) -> Changed:
    """Kind by kind. Where even one kind has a thousand changes, it is paged, and counting finds its deletions."""
    parts = await asyncio.gather(*(_one_kind(run, entity, since - overlap) for entity in MANY))
    cut = [entity for entity, (_, whole) in zip(MANY, parts, strict=True) if not whole]
    answers = [answer for part, _ in parts for answer in part]
    answered = min(answer.answered for answer in answers)
    changed = await _take(run, answers, answered, since, whole=not cut)
    if cut:
        # Whoever takes over before the deletions are found must be told all of this again.
        await verify(run, cut)
        async with run.unit() as session:
            await cursors.advance(session, _watermark(answers, answered, since), run.clock.now())
    return changed


async def _one_kind(run: Run, entity: Entity, since: datetime) -> tuple[list[Answer], bool]:
    """Its answers, and whether the first was all there is to know."""
    page = await _find_page(run, (entity,), since)
    if page is not None and page.size < CUT_AT:
        return [Answer(sort(page), page.answered)], True
    answers = [] if page is None else [Answer(sort(page), page.answered)]
    pages = read_to_the_end(run, Slice(entity, 1, since))
    return [*answers, *[Answer(found, answered) async for found, answered in pages]], False
