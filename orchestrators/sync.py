"""Syncs as people ask for them and see them: one at a time, not too often, with what they cost."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select

from domains.businesses import get_business
from domains.connections import ConnectionStatus, find_connection
from domains.people import Act, Caller, require
from domains.sync_history import SYNCS, Kind, RunState, SyncRunRow
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Refused
from kit.jobs import Job, Lane
from kit.outbox import enqueue
from orchestrators.results.onboarding import EntityProgress, SyncProgressResult, SyncState
from orchestrators.results.sync import SyncStatusResult
from orchestrators.sync_status import SyncStatusOrchestrator

NOT_CONNECTED = "QuickBooks is not connected, so there is nothing to sync. `/runway connect` links it."
LOCKED_OUT = "QuickBooks no longer lets Runway in, so nothing was started. `/runway connect` lets it in again."
COOLDOWN = {Kind.INCREMENTAL: timedelta(seconds=30), Kind.FULL: timedelta(minutes=5)}
# A run without an end for so long is no reason to refuse another.
STRANDED = timedelta(hours=1)
OURS = "runway"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedName:
    """A vendor or customer that went into another: `gone` into `kept`."""

    entity: str
    kept: str
    gone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncBooks(Job):
    """Bring the mirror up to date. Two syncs of one business never run side by side."""

    lane: ClassVar[Lane] = Lane.BACKGROUND
    kind: Kind
    actor: str
    merges: tuple[MergedName, ...] = ()

    @property
    def serial(self) -> str:
        return "sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncBooksNow(SyncBooks):
    """The same while a person watches."""

    lane: ClassVar[Lane] = Lane.INTERACTIVE


async def order_sync(
    session: TenantSession,
    kind: Kind,
    *,
    actor: str,
    key: str,
    merges: tuple[MergedName, ...] = (),
    delay: timedelta = timedelta(0),
) -> bool:
    """Write the order in this transaction; the same key orders once."""
    order = SyncBooks if actor == OURS else SyncBooksNow
    return await enqueue(session, order(kind=kind, actor=actor, merges=merges), key=f"sync:{key}", delay=delay)


@dataclass(frozen=True, slots=True)
class SyncOrchestrator:
    session: TenantSession
    clock: Clock

    async def start(self, caller: Caller, *, full: bool) -> bool:
        """False when a sync is under way already. Raises `NotAllowed`; `Refused` unlinked or within the cooldown."""
        await require(self.session, caller, Act.MANAGE, "start a sync")
        linked = await find_connection(self.session)
        if linked is None or not linked.live:
            lost = linked is not None and linked.status is ConnectionStatus.NEEDS_RECONNECT
            raise Refused(LOCKED_OUT if lost else NOT_CONNECTED)
        last = await self._last()
        kind = Kind.FULL if full else Kind.INCREMENTAL
        if last is not None and self._is_under_way(last):
            return False
        if last is not None:
            self._refuse_too_soon(last, kind)
        stamp = self.clock.now().isoformat()
        return await order_sync(self.session, kind, actor=caller.slack_user, key=f"asked:{stamp}")

    async def get_progress(self, run_id: UUID) -> SyncProgressResult:
        """How far a run has come. Raises `NoResultFound` for an unknown one."""
        row = (await self.session.execute(select(SyncRunRow).where(SyncRunRow.id == run_id))).scalar_one()
        earlier = select(func.count()).where(
            SyncRunRow.state == RunState.SUCCEEDED, SyncRunRow.kind.in_(SYNCS), SyncRunRow.started_at < row.started_at
        )
        first = (await self.session.execute(earlier)).scalar_one() == 0
        linked = await find_connection(self.session)
        facts = _progress(row, first=first, zone=(await get_business(self.session)).zone)
        return replace(facts, linked=bool(linked and linked.live))

    async def get_status(self, caller: Caller | None) -> SyncStatusResult:
        """History and health. Raises `NotAllowed`; None is an operator on the command line."""
        return await SyncStatusOrchestrator(self.session, self.clock).get_status(caller)

    def _is_under_way(self, run: SyncRunRow) -> bool:
        alive = run.state in {RunState.RUNNING, RunState.WAITING}
        return alive and self.clock.now() - run.started_at < STRANDED

    def _refuse_too_soon(self, last: SyncRunRow, kind: Kind) -> None:
        """A failed run may be repeated at once; a full one is refused only after a full one."""
        if last.state == RunState.FAILED or (kind is Kind.FULL and last.kind != Kind.FULL):
            return
        left = COOLDOWN[kind] - (self.clock.now() - last.started_at)
        if left > timedelta(0):
            seconds = max(1, round(left.total_seconds()))
            wait = f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"
            raise Refused(f"The books were read a moment ago; nothing was started. Try again in {wait}.")

    async def _last(self) -> SyncRunRow | None:
        statement = select(SyncRunRow).where(SyncRunRow.kind.in_(SYNCS)).order_by(SyncRunRow.started_at.desc()).limit(1)
        return (await self.session.execute(statement)).scalar_one_or_none()


def _progress(row: SyncRunRow, *, first: bool, zone: str) -> SyncProgressResult:
    state = SyncState.RUNNING if row.state == RunState.WAITING else SyncState(row.state)
    return SyncProgressResult(
        run_id=str(row.id),
        kind=row.kind,
        state=state,
        first=first,
        entities=tuple(
            EntityProgress(entity, part["done"], part["expected"])
            for entity, part in row.progress.items()
            if part["expected"]
        ),
        done=row.done,
        expected=row.expected,
        requests=row.requests,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reason=row.reason,
        reference=row.reference,
        zone=zone,
    )
