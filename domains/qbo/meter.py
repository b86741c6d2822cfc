"""Counts what a client asked of QuickBooks, until the next transaction writes it down."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domains.sync_history import ReadMeterRow
from kit.db import SystemSession, TenantSession


@dataclass(slots=True)
class Meter:
    """Requests are what the rate limits count, reads what Intuit bills: one per query, also inside a batch."""

    requests: int = 0
    reads: int = 0

    def sent(self) -> None:
        self.requests += 1

    def answered(self, reads: int) -> None:
        self.reads += reads

    async def write(self, session: TenantSession, now: datetime) -> tuple[int, int]:
        """Add what was counted since the last time to this month's row; returns (requests, reads)."""
        counted = (self.requests, self.reads)
        if any(counted):
            month = now.astimezone(UTC).date().replace(day=1)
            added = {"requests": counted[0], "reads": counted[1]}
            statement = insert(ReadMeterRow).values(business_id=session.business_id, month=month, **added)
            changes = {
                "requests": ReadMeterRow.requests + statement.excluded.requests,
                "reads": ReadMeterRow.reads + statement.excluded.reads,
                "updated_at": func.now(),
            }
            key = [ReadMeterRow.business_id, ReadMeterRow.month]
            await session.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))
            self.requests -= counted[0]
            self.reads -= counted[1]
        return counted


async def reads_of_month(session: TenantSession | SystemSession, now: datetime) -> int:
    """Of one business, or of all of them together, by the session that asks."""
    month = now.astimezone(UTC).date().replace(day=1)
    total = select(func.coalesce(func.sum(ReadMeterRow.reads), 0)).where(ReadMeterRow.month == month)
    return int((await session.execute(total)).scalar_one())
