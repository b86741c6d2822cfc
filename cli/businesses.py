"""`runway businesses`: whose books are here, how fresh they are and what they cost; and who is meant by a word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from cli.output import say, say_json, say_table
from domains.businesses import Business, WorkspaceRow, list_businesses
from domains.connections import Connection, find_connection
from domains.sync_history import RunState
from kit.db import Database, TenantSession
from kit.errors import Refused
from kit.runtime import Runtime
from orchestrators.results.sync import RunLine, SyncStatusResult
from orchestrators.sync import SyncOrchestrator


@dataclass(frozen=True, slots=True)
class Team:
    enterprise_id: str
    team_id: str
    name: str
    installed: bool


@dataclass(frozen=True, slots=True)
class Count:
    """`rows` stand in the books; `tombstones` were deleted there; `quarantined` could not be read."""

    rows: int
    tombstones: int
    quarantined: int
    last_synced: datetime | None


@dataclass(frozen=True, slots=True)
class SyncHealth:
    """`state` is that of the link to QuickBooks, or `failing` while it stands and the last run failed."""

    state: str
    reason: str | None
    last_sync: datetime | None
    last_run: RunLine | None


@dataclass(frozen=True, slots=True)
class BusinessReport:
    business_id: UUID
    name: str
    status: str
    currency: str
    zone: str
    team: Team | None
    realm_id: str | None
    sync: SyncHealth
    last_sync: datetime | None
    requests_last_run: int | None
    reads_this_month: int
    entities: Mapping[str, Count]


async def businesses(runtime: Runtime, *, as_json: bool) -> None:
    reports = [await _report(runtime, business) for business in await _all(runtime.db)]
    if as_json:
        say_json(reports)
    elif reports:
        say_table(COLUMNS, [_line(report) for report in reports])
    else:
        say("Nobody has installed Runway here yet.")


async def get_named(db: Database, word: str) -> Business:
    """By id or its beginning, Slack team, or QuickBooks company. Raises `Refused` for none and for several."""
    found = [business for business in await _all(db) if await _is_named(db, business, word)]
    if len(found) == 1:
        return found[0]
    which = f"{len(found)} businesses are" if found else "No business is"
    raise Refused(f"{which} called {word!r} here: `runway businesses` lists their ids.")


async def _is_named(db: Database, business: Business, word: str) -> bool:
    if len(word) >= 4 and str(business.id).startswith(word.lower()):
        return True
    async with db.tenant_session(business.id) as session:
        connection, team = await find_connection(session), await _team(session)
    return word in {connection and connection.realm_id, team and team.team_id}


async def _all(db: Database) -> list[Business]:
    async with db.system_session() as session:
        return await list_businesses(session)


async def _report(runtime: Runtime, business: Business) -> BusinessReport:
    async with runtime.db.tenant_session(business.id) as session:
        team, connection = await _team(session), await find_connection(session)
        status = await SyncOrchestrator(session, runtime.clock).get_status(None)
    health = _health(connection, status)
    return BusinessReport(
        business_id=business.id,
        name=business.name,
        status=business.status,
        currency=business.currency,
        zone=business.zone,
        team=team,
        realm_id=connection.realm_id if connection else None,
        sync=health,
        last_sync=health.last_sync,
        requests_last_run=health.last_run.requests if health.last_run else None,
        reads_this_month=status.reads_this_month,
        entities={
            one.entity: Count(one.rows, one.tombstones, one.quarantined, one.last_synced) for one in status.entities
        },
    )


async def _team(session: TenantSession) -> Team | None:
    row = (await session.execute(select(WorkspaceRow))).scalar_one_or_none()
    return Team(row.enterprise_id, row.team_id, row.team_name, not row.dead) if row else None


def _health(connection: Connection | None, status: SyncStatusResult) -> SyncHealth:
    last = status.runs[0] if status.runs else None
    if connection is None:
        return SyncHealth("never_connected", None, status.last_success_at, last)
    if connection.live and last is not None and last.state is RunState.FAILED:
        return SyncHealth("failing", last.reason, status.last_success_at, last)
    return SyncHealth(connection.status, connection.reason, status.last_success_at, last)


COLUMNS = ("business", "name", "team", "realm", "sync", "last sync", "requests", "reads", "rows", "tombstones")


def _line(report: BusinessReport) -> tuple[str, ...]:
    counts = report.entities.values()
    return (
        str(report.business_id),
        report.name,
        report.team.team_id if report.team else "–",
        report.realm_id or "–",
        report.sync.state,
        f"{report.last_sync:%Y-%m-%d %H:%M} UTC" if report.last_sync else "never",
        "–" if report.requests_last_run is None else str(report.requests_last_run),
        str(report.reads_this_month),
        str(sum(count.rows for count in counts)),
        str(sum(count.tombstones for count in counts)),
    )
