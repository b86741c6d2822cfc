"""Syncs carried out, and what follows from them: the desk is settled against the books as they are now."""

from uuid import UUID

from sqlalchemy import select

from bot.tools import Tools
from domains.books import Merge, SyncOrder
from domains.mirror import Entity
from domains.sync_history import Kind, SyncRunRow
from kit.db import TenantSession
from kit.errors import VendorFault
from kit.outbox import enqueue
from orchestrators.jobs import RefreshDesk
from orchestrators.outgoing import ReviewAlerts, ShowFirstSteps, ShowProgress
from orchestrators.sync import OURS, SyncBooks, SyncBooksNow
from orchestrators.sync_schedule import enqueue_due
from workers.actor import Work, handles
from workers.ticks import every

# A person sees a step for every twentieth of the way; more would only queue behind each other.
STEPS = 20


@handles(SyncBooksNow)
@handles(SyncBooks)
async def sync_books(job: SyncBooks, work: Work) -> None:
    """A repeated job takes up its own run where it stopped."""
    asked_at = work.tools.clock.now()
    merges = tuple(Merge(Entity(merge.entity), merge.kept, merge.gone) for merge in job.merges)
    order = SyncOrder(Kind(job.kind), job.actor, str(work.claim.id), merges, show_progress)
    try:
        await work.tools.books.run(work.business_id, work.unit, order)
    except VendorFault:
        async with work.unit() as session:
            await enqueue(session, ReviewAlerts(), key=f"review:{work.claim.id}:{work.claim.attempts}")
        raise
    async with work.unit() as session:
        await enqueue(session, RefreshDesk(asked_at=asked_at.isoformat()), key=f"desk:{work.claim.id}")
        await enqueue(session, ShowFirstSteps(), key=f"steps:{work.claim.id}")


async def show_progress(session: TenantSession, run_id: UUID) -> None:
    """Only where somebody asked for the sync and waits."""
    columns = (SyncRunRow.actor, SyncRunRow.phase, SyncRunRow.state, SyncRunRow.done, SyncRunRow.expected)
    run = (await session.execute(select(*columns).where(SyncRunRow.id == run_id))).one()
    if run.actor != OURS:
        step = STEPS * run.done // max(1, run.expected)
        await enqueue(
            session, ShowProgress(run_id=str(run_id)), key=f"progress:{run_id}:{run.state}:{run.phase}:{step}"
        )


@every(60)
async def order_syncs(tools: Tools) -> None:
    await enqueue_due(tools.db, tools.clock, budget=tools.settings.read_budget)
