"""Live reads of little: one record before somebody relies on it, or the balances of bank and card accounts."""

from collections.abc import Sequence

from domains.accounts import CASH_TYPES
from domains.freshness import BALANCES
from domains.mirror import Entity
from domains.qbo import cursors, query, storage
from domains.qbo.changes import Changed
from domains.qbo.entities import POINTERS
from domains.qbo.faults import ObjectGone
from domains.qbo.rereading import documents_of, reread, settle
from domains.qbo.run import Run, sort
from domains.qbo.storage import Key
from domains.qbo.verifying import verify


async def read_record(run: Run, key: Key) -> Changed:
    """One request; the record is stored, or buried when QuickBooks does not have it any more."""
    try:
        page = await run.client.read(key.entity, key.qbo_id)
    except ObjectGone:
        return await _after_gone(run, key)
    found = sort(page)
    async with run.unit() as session:
        news = await run.take(session, found, page.answered)
        await storage.confirm(session, key.entity, [key.qbo_id], run.clock.now())
    return Changed(news, page.answered)


async def _after_gone(run: Run, key: Key) -> Changed:
    """The fault carries no time to order it by, and inactive names get it too: a query says both."""
    answers = await reread(run, {key.entity: {key.qbo_id}})
    async with run.unit() as session:
        await settle(run, session, answers)
    return Changed([key], answers[0].answered)


async def read_balances(run: Run) -> Changed:
    """One request for every bank and card account."""
    types = ", ".join(query.quoted(kind) for kind in CASH_TYPES)
    page = await run.client.query(query.page(Entity.ACCOUNT, conditions=(f"AccountType IN ({types})",)))
    found = sort(page)
    async with run.unit() as session:
        news = await run.take(session, found, page.answered)
        await storage.confirm(session, Entity.ACCOUNT, [row.qbo_id for row in found.rows], run.clock.now())
        await cursors.touch(session, BALANCES, run.clock.now())
    return Changed(news, page.answered)


async def read_merged(run: Run, entity: Entity, ids: Sequence[str]) -> None:
    """After a merge: the names themselves, and all documents that pointed to the one that went away.

    An event that names one of the two only leaves it to the count which one is gone.
    """
    async with run.unit() as session:
        wanted = await documents_of(session, entity, ids) if entity in POINTERS else {}
    wanted.setdefault(entity, set()).update(ids)
    answers = await reread(run, wanted)
    async with run.unit() as session:
        await settle(run, session, answers)
    if len(ids) == 1:
        await verify(run, [entity])
