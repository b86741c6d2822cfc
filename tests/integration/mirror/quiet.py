"""A business that nobody touches, lived minute by minute: what its scheduler orders and what QuickBooks counts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from domains.books import reads_of_month
from domains.sync_history import Kind
from kit.outbox import OutboxRow
from orchestrators.sync_schedule import _readings, enqueue_due, find_due
from tests.integration.mirror.stage import Stage

BUDGET = 500_000
# A month by the meter's own calendar, and one of the longest: 31 days, of which 23 are working days.
BEGINS = datetime(2026, 12, 1, tzinfo=UTC)


async def live(stage: Stage, business: UUID, until: datetime) -> int:
    """Reads that the days up to `until` cost, all syncs carried out."""
    before = await reads(stage, business)
    while await _wait_until_due(stage, until=until):
        if await enqueue_due(stage.db, stage.clock, budget=BUDGET):
            await _carry_out(stage, business)
        stage.clock.advance(timedelta(minutes=1))
    return await reads(stage, business) - before


async def reads(stage: Stage, business: UUID) -> int:
    async with stage.db.tenant_session(business) as session:
        return await reads_of_month(session, stage.clock.now())


async def _wait_until_due(stage: Stage, *, until: datetime) -> bool:
    """The scheduler asks every minute; between two syncs nothing changes what it would find."""
    async with stage.db.system_session() as session:
        (reading,) = [
            one for one in await _readings(session, stage.clock.now(), BUDGET) if one.business_id in stage.realms
        ]
    while stage.clock.now() < until:
        if find_due(reading, stage.clock.now()):
            return True
        stage.clock.advance(timedelta(minutes=1))
    return False


async def _carry_out(stage: Stage, business: UUID) -> None:
    async with stage.db.tenant_session(business) as session:
        waiting = select(OutboxRow).where(OutboxRow.kind.like("SyncBooks%"), OutboxRow.done_at.is_(None))
        row = (await session.execute(waiting)).scalar_one()
        row.done_at = stage.clock.now()
    await stage.sync(business, Kind(row.payload["kind"]))
