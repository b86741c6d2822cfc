"""Syncs as people ask for them and see them: one at a time, not too often, with what they cost."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import select

from domains.connections import find_connection
from domains.people import Act, Caller, require
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Refused
from kit.jobs import Job, Lane
from kit.outbox import enqueue

NOT_CONNECTED = "QuickBooks is not connected, so there is nothing to sync. `/runway connect` links it."
COOLDOWN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncBooks(Job):
    """Bring the mirror up to date. Two syncs of one business never run side by side."""

    lane: ClassVar[Lane] = Lane.BACKGROUND
    kind: Kind
    actor: str

    @property
    def serial(self) -> str:
        return "sync"


async def order_sync(session: TenantSession, kind: Kind, *, actor: str, key: str) -> bool:
    """Write the order in this transaction; the same key orders once."""
    return await enqueue(session, SyncBooks(kind=kind, actor=actor), key=f"sync:{key}")


@dataclass(frozen=True, slots=True)
class SyncOrchestrator:
    session: TenantSession
    clock: Clock

    async def start(self, caller: Caller, *, full: bool) -> bool:
        """False when a sync is under way already. Raises `NotAllowed`; `Refused` unlinked or within the cooldown."""
        await require(self.session, caller, Act.MANAGE)
        linked = await find_connection(self.session)
        if linked is None or not linked.live:
            raise Refused(NOT_CONNECTED)
        last = await self._last()
        if last is not None and last.finished_at is None and last.state in {RunState.RUNNING, RunState.WAITING}:
            return False
        if last is not None and not full and self.clock.now() - last.started_at < COOLDOWN:
            raise Refused("The books were synced less than half a minute ago. `/runway sync status` shows the result.")
        kind = Kind.FULL if full else Kind.INCREMENTAL
        stamp = self.clock.now().isoformat()
        return await order_sync(self.session, kind, actor=caller.slack_user, key=f"asked:{stamp}")

    async def _last(self) -> SyncRunRow | None:
        wanted = SyncRunRow.kind != Kind.TARGETED
        statement = select(SyncRunRow).where(wanted).order_by(SyncRunRow.started_at.desc()).limit(1)
        return (await self.session.execute(statement)).scalar_one_or_none()
