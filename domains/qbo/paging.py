"""Reads a whole kind of record without losing a row while people edit: by LastUpdatedTime, in slices, several at once.

A page asks for "changed at or after the last row's time", so a row that is edited meanwhile moves ahead of us and is
met again. Only where a thousand rows share one time is a position inside that time used.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update

from domains.mirror import Entity
from domains.qbo import query, storage
from domains.qbo.faults import Unavailable
from domains.qbo.mapping import Row
from domains.qbo.run import Run, Sorted, sort
from domains.qbo.wire import Page
from domains.sync_history import SliceRow
from kit.db import TenantSession
from kit.http import BodyTooLarge, DeadlineExceeded

PAGES_IN_FLIGHT = 6
SMALLEST_PAGE = 50
OPEN_SLICE = 0
OPEN_ONLY = ("Balance > '0'",)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows changed from `position` (None: the beginning) on, before `until` (None: the end)."""

    entity: Entity
    number: int
    position: datetime | None = None
    until: datetime | None = None
    skip: int = 0
    done: bool = False

    def after(self, rows: Sequence[Row], received: int, *, asked: int) -> "Slice":
        """Where to go on after a page. Fewer rows than asked for are the last ones."""
        last = rows[-1].last_updated if rows else self.position
        done = received < asked
        if last is None or last == self.position:
            return replace(self, position=last, skip=self.skip + received, done=done)
        return replace(self, position=last, skip=0, done=done)


async def list_slices(session: TenantSession) -> list[Slice]:
    """Unfinished ones, open documents first, then in the order of `Entity`."""
    rows = (await session.execute(select(SliceRow).where(SliceRow.done.is_(False)))).scalars()
    order = {entity: place for place, entity in enumerate(Entity)}
    slices = [Slice(Entity(row.entity), row.number, row.position, row.until, row.skip) for row in rows]
    return sorted(slices, key=lambda part: (part.number != OPEN_SLICE, order[part.entity], part.number))


async def read_slices(run: Run, slices: Sequence[Slice], *, confirm: bool) -> None:
    """Page through all of them, a few at a time. After a failure the pages under way are still stored."""
    queue, stop = deque(slices), asyncio.Event()
    readers = (_work_off(run, queue, stop, confirm=confirm) for _ in range(PAGES_IN_FLIGHT))
    outcomes = await asyncio.gather(*readers, return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


async def _work_off(run: Run, queue: deque[Slice], stop: asyncio.Event, *, confirm: bool) -> None:
    try:
        while queue and not stop.is_set():
            part = queue.popleft()
            while not part.done and not stop.is_set():
                part = await _read_page(run, part, confirm=confirm)
    except BaseException:
        stop.set()
        raise


async def _read_page(run: Run, part: Slice, *, confirm: bool) -> Slice:
    page, asked = await ask(run, part)
    found = sort(page)
    received = len(page.rows.get(part.entity, ()))
    following = part.after(found.rows, received, asked=asked)
    async with run.writing, run.unit() as session:
        await _store(run, session, part, found, page, confirm=confirm)
        await _save(session, following)
    return following


async def ask(run: Run, part: Slice) -> tuple[Page, int]:
    """A page and how many rows were asked for: fewer and fewer while QuickBooks finds a page too heavy."""
    limit = query.PAGE
    while True:
        statement = query.page(
            part.entity,
            since=part.position,
            until=part.until,
            conditions=OPEN_ONLY if part.number == OPEN_SLICE else (),
            skip=part.skip,
            limit=limit,
        )
        try:
            return await run.client.query(statement), limit
        except (Unavailable, BodyTooLarge, DeadlineExceeded) as error:
            passing = isinstance(error, Unavailable) and not error.slow
            if passing or limit <= SMALLEST_PAGE:
                raise
            limit //= 2


async def _store(run: Run, session: TenantSession, part: Slice, found: Sorted, page: Page, *, confirm: bool) -> None:
    await run.take(session, found, page.answered)
    if confirm:
        await storage.confirm(session, part.entity, [row.qbo_id for row in found.rows], run.clock.now())
    if part.number != OPEN_SLICE:
        await run.count(session, part.entity, len(found.rows))


async def _save(session: TenantSession, part: Slice) -> None:
    values = {"position": part.position, "skip": part.skip, "done": part.done}
    key = (SliceRow.entity == part.entity, SliceRow.number == part.number)
    await session.execute(update(SliceRow).where(*key).values(**values))
