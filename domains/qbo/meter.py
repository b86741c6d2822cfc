"""Counts what a client asked of QuickBooks, until the next transaction writes it down."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

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

    def drain(self, session: TenantSession, now: datetime) -> tuple[date, int, int]:
        """The month, and the requests and reads since the last time, to be written down in this very transaction.

        Should it not commit, they are counted on: QuickBooks answered them all the same.
        """
        requests, reads = self.requests, self.reads
        self.requests = self.reads = 0
        session.if_undone(lambda: self._put_back(requests, reads))
        return _month(now), requests, reads

    def _put_back(self, requests: int, reads: int) -> None:
        self.requests += requests
        self.reads += reads

    async def write(self, session: TenantSession, now: datetime) -> tuple[int, int]:
        """Add what was counted since the last time to this month's row; returns (requests, reads)."""
        month, *counted = self.drain(session, now)
        if any(counted):
            added = {"requests": counted[0], "reads": counted[1]}
            statement = insert(ReadMeterRow).values(business_id=session.business_id, month=month, **added)
            changes = {
                "requests": ReadMeterRow.requests + statement.excluded.requests,
                "reads": ReadMeterRow.reads + statement.excluded.reads,
                "updated_at": func.now(),
            }
            key = [ReadMeterRow.business_id, ReadMeterRow.month]
            await session.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))
        return counted[0], counted[1]


async def reads_of_month(session: TenantSession | SystemSession, now: datetime) -> int:
    """Of one business, or of all of them together, by the session that asks."""
    month = _month(now)
    total = select(func.coalesce(func.sum(ReadMeterRow.reads), 0)).where(ReadMeterRow.month == month)
    return int((await session.execute(total)).scalar_one())


def _month(now: datetime) -> date:
    return now.astimezone(UTC).date().replace(day=1)
