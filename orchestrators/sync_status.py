"""How healthy the mirror is: rows and age per kind of record, the last runs with their cost, the month's reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from domains.books import reads_of_month
from domains.businesses import get_business
from domains.companies import find_company
from domains.connections import Connection, find_connection
from domains.freshness import LIMITS, Group, get_freshness, judge
from domains.mirror import Entity, QuarantineRow, RecordRow
from domains.people import Act, Caller, require
from domains.sync_history import SYNCS, CursorRow, Kind, RunState, SyncRunRow
from kit.clock import Clock, local_today
from kit.db import TenantSession
from orchestrators.results.basis import Health, Link
from orchestrators.results.sync import EntityLine, RunLine, SyncStatusResult

T = TypeVar("T")
RUNS_SHOWN = 8
TELL_AHEAD = timedelta(days=30)
NAMES = frozenset({Entity.VENDOR, Entity.CUSTOMER, Entity.ACCOUNT, Entity.TERM})
SINGLES = frozenset({Entity.COMPANY_INFO, Entity.PREFERENCES})


@dataclass(frozen=True, slots=True)
class SyncStatusOrchestrator:
    session: TenantSession
    clock: Clock

    async def get_status(self, caller: Caller | None) -> SyncStatusResult:
        """For whoever may manage; None is an operator on the command line. Raises `NotAllowed`."""
        if caller is not None:
            await require(self.session, caller, Act.MANAGE, "see the sync status")
        linked, company = await find_connection(self.session), await find_company(self.session)
        runs = await self._runs()
        health = await self._health(linked, runs)
        return SyncStatusResult(
            company=company.name if company else None,
            health=health,
            entities=await self._entities(),
            runs=runs,
            reads_this_month=await reads_of_month(self.session, self.clock.now()),
            last_success_at=await self._last_success(),
            consent_ends_at=self._ending(linked),
            may_start=health.link is Link.CONNECTED and not health.syncing,
        )

    async def _entities(self) -> tuple[EntityLine, ...]:
        live = func.count().filter(RecordRow.deleted_at.is_(None))
        rows = await self._by_entity(select(RecordRow.entity, live).group_by(RecordRow.entity))
        every = await self._by_entity(select(RecordRow.entity, func.count()).group_by(RecordRow.entity))
        unread = await self._by_entity(select(QuarantineRow.entity, func.count()).group_by(QuarantineRow.entity))
        synced = await self._by_entity(select(CursorRow.entity, CursorRow.last_synced))
        return tuple(
            EntityLine(
                entity,
                rows.get(entity, 0),
                every.get(entity, 0) - rows.get(entity, 0),
                unread.get(entity, 0),
                synced.get(entity),
                judge(synced.get(entity), LIMITS[Group.NAMES if entity in NAMES else Group.BILLS], self.clock.now()),
            )
            for entity in Entity
            if entity not in SINGLES
        )

    async def _by_entity(self, statement: Select[str, T]) -> dict[str, T]:
        return dict((await self.session.execute(statement)).all())

    async def _runs(self) -> tuple[RunLine, ...]:
        statement = (
            select(SyncRunRow)
            .where(SyncRunRow.kind.in_(SYNCS))
            .order_by(SyncRunRow.started_at.desc())
            .limit(RUNS_SHOWN)
        )
        return tuple(_line(row) for row in (await self.session.execute(statement)).scalars())

    async def _last_success(self) -> datetime | None:
        statement = select(func.max(SyncRunRow.finished_at)).where(
            SyncRunRow.state == RunState.SUCCEEDED, SyncRunRow.kind.in_(SYNCS)
        )
        return (await self.session.execute(statement)).scalar_one_or_none()

    async def _health(self, linked: Connection | None, runs: tuple[RunLine, ...]) -> Health:
        business, now = await get_business(self.session), self.clock.now()
        finished = [run for run in runs if run.finished_at is not None]
        return Health(
            link=Link(linked.status) if linked else Link.NEVER,
            freshness=(await get_freshness(self.session, self.clock)).groups,
            syncing=any(run.state in {RunState.RUNNING, RunState.WAITING} for run in runs[:1]),
            last_run_failed=bool(finished) and finished[0].state is RunState.FAILED,
            currency=business.currency,
            zone=business.zone,
            today=local_today(self.clock, ZoneInfo(business.zone)),
            now=now,
        )

    def _ending(self, linked: Connection | None) -> datetime | None:
        """Refreshing does not prolong a person's consent: its end is said a month ahead."""
        ends = linked.hard_expires_at if linked and linked.live else None
        return ends if ends and ends - self.clock.now() <= TELL_AHEAD else None


def _line(row: SyncRunRow) -> RunLine:
    return RunLine(
        str(row.id),
        Kind(row.kind),
        row.actor,
        RunState(row.state),
        row.started_at,
        row.finished_at,
        row.requests,
        row.reads,
        row.changed,
        row.deleted,
        row.reason,
        row.reference,
    )
