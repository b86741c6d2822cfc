"""Syncs carried out, and what follows from them: the desk is settled against the books as they are now."""

from domains.qbo.sync import SyncOrder
from domains.sync_history import Kind
from kit.outbox import enqueue
from orchestrators.jobs import RefreshDesk
from orchestrators.outgoing import ShowFirstSteps
from orchestrators.sync import SyncBooks
from workers.actor import Work, handles


@handles(SyncBooks)
async def sync_books(job: SyncBooks, work: Work) -> None:
    """A repeated job takes up its own run where it stopped."""
    asked_at = work.tools.clock.now()
    order = SyncOrder(kind=Kind(job.kind), actor=job.actor, job_key=str(work.claim.id))
    await work.tools.books.sync.run(work.business_id, work.unit, order)
    async with work.unit() as session:
        await enqueue(session, RefreshDesk(asked_at=asked_at.isoformat()), key=f"desk:{work.claim.id}")
        await enqueue(session, ShowFirstSteps(), key=f"steps:{work.claim.id}")
