"""What changed since the watermark: one request for all kinds, more only where QuickBooks had to cut its answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domains.mirror import Entity
from domains.qbo import cursors, storage
from domains.qbo.entities import MANY
from domains.qbo.mapping import LONGEST_ID
from domains.qbo.paging import Slice, ask
from domains.qbo.rereading import Reread, doubtful, reread, settle
from domains.qbo.run import Run, Sorted, sort
from domains.qbo.storage import Key
from domains.qbo.verifying import verify

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
    page = await run.client.changes(MANY, since - overlap)
    if page.size >= CUT_AT:
        return await _read_apart(run, since, overlap, page.answered)
    return await _take(run, [Answer(sort(page), page.answered)], page.answered, since)


async def _take(run: Run, answers: Sequence[Answer], answered: datetime, since: datetime) -> Changed:
    rows = [row for answer in answers for row in answer.found.rows]
    gone = [claim for answer in answers for claim in answer.found.gone]
    async with run.unit() as session:
        wanted = await doubtful(session, rows, gone)
    again: list[Reread] = await reread(run, wanted)
    async with run.unit() as session:
        await storage.lock(session, MANY)
        news = [key for answer in answers for key in await run.take(session, answer.found, answer.answered)]
        await settle(run, session, again)
        watermark = cursors.next_watermark(since, answered, [*rows, *gone])
        await cursors.advance(session, since if _is_nameless(answers) else watermark, run.clock.now())
    return Changed(news, answered)


def _is_nameless(answers: Sequence[Answer]) -> bool:
    """A change of we do not know what: it must be told again, so the watermark stays."""
    return any(len(record.qbo_id) > LONGEST_ID for answer in answers for record in answer.found.rejected)


async def _read_apart(run: Run, since: datetime, overlap: timedelta, answered: datetime) -> Changed:
    """Kind by kind. Where even one kind has a thousand changes, it is paged, and counting finds its deletions."""
    parts = await asyncio.gather(*(_one_kind(run, entity, since - overlap) for entity in MANY))
    cut = [entity for entity, part in zip(MANY, parts, strict=True) if len(part) > 1]
    changed = await _take(run, [answer for part in parts for answer in part], answered, since)
    if cut:
        await verify(run, cut)
    return changed


async def _one_kind(run: Run, entity: Entity, since: datetime) -> list[Answer]:
    page = await run.client.changes((entity,), since)
    answers = [Answer(sort(page), page.answered)]
    part = Slice(entity, 1, since)
    while page.size >= CUT_AT and not part.done:
        rows, asked = await ask(run, part)
        found = sort(rows)
        answers.append(Answer(found, rows.answered))
        part = part.after(found.rows, len(rows.rows.get(entity, ())), asked=asked)
    return answers
