"""Reads a whole kind of record without losing a row while people edit: by LastUpdatedTime, in slices, several at once.

A page asks for "changed at or after the last row's time", so a row that is edited meanwhile moves ahead of us and is
met again. Only where a thousand rows share one time is a position inside that time used.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domains.mirror import Entity
from domains.qbo import query, storage
from domains.qbo.faults import Unavailable
from domains.qbo.mapping import Row
from domains.qbo.run import Run, Sorted, sort_in_turns
from domains.qbo.wire import Page
from domains.sync_history import SliceRow
from kit.db import TenantSession
from kit.http import BodyTooLarge, DeadlineExceeded

PAGES_IN_FLIGHT = 6
SMALLEST_PAGE = 50
OPEN_SLICE = 0
OPEN_ONLY = ("Balance > '0'",)
TOO_MUCH = (Unavailable, BodyTooLarge, DeadlineExceeded)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows changed from `position` (None: the beginning) on, before `until` (None: the end).

    `edge` are the rows of that very time that the page before brought: the next one brings them again.
    """

    entity: Entity
    number: int
    position: datetime | None = None
    until: datetime | None = None
    skip: int = 0
    done: bool = False
    edge: frozenset[tuple[str, bytes]] = frozenset()

    def after(self, rows: Sequence[Row], received: int, *, asked: int) -> "Slice":
        """Where to go on after a page. Fewer rows than asked for are the last ones."""
        last = rows[-1].last_updated if rows else self.position
        done = received < asked
        if last is None or last == self.position:
            return replace(self, position=last, skip=self.skip + received, done=done, edge=frozenset())
        edge = frozenset((row.qbo_id, row.digest) for row in rows if row.last_updated == last)
        return replace(self, position=last, skip=0, done=done, edge=edge)

    def fresh(self, rows: Sequence[Row]) -> list[Row]:
        """Without those that are stored already, word for word."""
        return [row for row in rows if (row.qbo_id, row.digest) not in self.edge] if self.edge else list(rows)


async def list_slices(session: TenantSession) -> list[Slice]:
    """Unfinished ones: open documents, then the first of every kind, then the second: kinds are stored abreast."""
    rows = (await session.execute(select(SliceRow).where(SliceRow.done.is_(False)))).scalars()
    order = {entity: place for place, entity in enumerate(Entity)}
    slices = [Slice(Entity(row.entity), row.number, row.position, row.until, row.skip) for row in rows]
    return sorted(slices, key=lambda part: (part.number, order[part.entity]))


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
    found = await sort_in_turns(run, page)
    following = part.after(found.rows, len(page.rows.get(part.entity, ())), asked=asked)
    found = replace(found, rows=part.fresh(found.rows))
    try:
        await _store(run, following, found, page.answered, confirm=confirm, unseen=not confirm)
    except IntegrityError:  # edited while we read, or stored by somebody else meanwhile
        await _store(run, following, found, page.answered, confirm=confirm, unseen=False)
    if part.number == OPEN_SLICE:
        run.ahead[part.entity].update(row.digest for row in found.rows)
    return following


async def _store(run: Run, part: Slice, found: Sorted, as_of: datetime, *, confirm: bool, unseen: bool) -> None:
    """A page, and that its slice goes on at `part`."""
    ahead, booked = run.ahead[part.entity], _booked(part, len(found.rows))
    rows = [row for row in found.rows if row.digest not in ahead] if ahead else found.rows
    # Begun before our turn and committed after it: the database's own lock keeps the order.
    async with run.unit() as session, run.turns[part.entity]:
        await run.take_page(session, replace(found, rows=rows), as_of, booked, unseen=unseen)
        if confirm:
            await storage.confirm(session, part.entity, [row.qbo_id for row in found.rows], run.clock.now())


def _booked(part: Slice, rows: int) -> dict[str, Any]:
    """Open documents come again with all others, so they are not counted towards what is expected."""
    return {
        "entity": part.entity,
        "number": part.number,
        "position": part.position,
        "skip": part.skip,
        "ended": part.done,
        "done": 0 if part.number == OPEN_SLICE else rows,
    }


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
        except TOO_MUCH as error:
            if not is_too_much(error) or limit <= SMALLEST_PAGE:
                raise
            limit //= 2


def is_too_much(error: Exception) -> bool:
    """Of those: whether asking for less would help. What is only a bad moment passes by itself."""
    return error.slow if isinstance(error, Unavailable) else isinstance(error, TOO_MUCH)
