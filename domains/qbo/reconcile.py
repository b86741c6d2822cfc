"""The nightly second look: changes with a wide overlap, balances, names by number, once a week all counts."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from domains.freshness import BALANCES
from domains.mirror import Entity
from domains.qbo import query
from domains.qbo.changes import Changed, read_changes
from domains.qbo.describing import describe, singles_of
from domains.qbo.entities import MANY, POINTERS, SINGLES
from domains.qbo.run import Run
from domains.qbo.targeted import read_balances
from domains.qbo.verifying import verify
from domains.sync_history import CursorRow

OVERLAP = timedelta(hours=48)
# Two names that became one leave no trace but their number.
NAMES = tuple(POINTERS)
COUNT_EVERY = timedelta(days=7)


async def reconcile(run: Run, since: datetime) -> Changed:
    changed = await read_changes(run, since, overlap=OVERLAP)
    balances = await read_balances(run)
    if await _counts_are_due(run):
        await run.enter("counting")
        await _read_singles(run)
        await verify(run, MANY)
        await _mark(run, "counted_at")
    else:
        await verify(run, NAMES)
    await _mark(run, "reconciled_at")
    return Changed([*changed.news, *balances.news], changed.answered)


async def _counts_are_due(run: Run) -> bool:
    async with run.unit() as session:
        statement = select(CursorRow.counted_at).where(CursorRow.entity == Entity.ACCOUNT)
        counted = (await session.execute(statement)).scalar_one_or_none()
    return counted is None or run.clock.now() - counted >= COUNT_EVERY


async def _read_singles(run: Run) -> None:
    """CompanyInfo and Preferences: change data capture does not promise them."""
    answers = await run.client.batch({entity: query.single(entity) for entity in SINGLES})
    async with run.unit() as session:
        await run.take(session, singles_of(answers), answers[Entity.PREFERENCES].answered)
        await describe(session)


async def _mark(run: Run, column: str) -> None:
    async with run.unit() as session:
        await session.execute(update(CursorRow).where(CursorRow.entity != BALANCES).values({column: run.clock.now()}))
