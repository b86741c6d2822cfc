"""When the books are read by themselves: often while somebody waits, seldom at night, less when reads run short.

Any number of schedulers may ask: an order's key is its slot.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from domains.books import reads_of_month
from domains.businesses import list_businesses
from domains.connections import find_connection, list_connected
from domains.decisions import Phase, list_live
from domains.sync_history import CursorRow, Kind
from kit.clock import Clock
from kit.db import Database, SystemSession, TenantSession
from kit.outbox import OutboxRow
from orchestrators.sync import OURS, SyncBooks, SyncBooksNow, order_sync

WORKDAY = (time(8), time(18))
IN_HOURS, OUT_OF_HOURS, ATTENDED = timedelta(hours=1), timedelta(hours=4), timedelta(minutes=15)
# From this share of the month's reads on, everything slows by the factor.
SPARING_FROM, SPARING = 0.8, 2
NIGHT_BEGINS, NIGHT = time(1), timedelta(hours=4)
FULL_EVERY = timedelta(days=31)  # no month has two


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one business. `full_at` is None until the first full sync has ended well.

    `attended`: an approval waits. `sparing`: the month's reads run short.
    """

    business_id: UUID
    zone: str
    synced_at: datetime | None
    full_at: datetime | None
    reconciled_at: datetime | None
    attended: bool = False
    sparing: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    kind: Kind
    slot: str


def find_due(reading: Reading, now: datetime) -> Due | None:
    """The one sync that is due now, if any. A first sync is ordered by connecting, and once a day where it failed."""
    if reading.synced_at is None or reading.full_at is None:
        return Due(Kind.FULL, f"first:{now.date()}")
    night = _night(reading, now)
    if night <= now and (reading.reconciled_at is None or reading.reconciled_at < night):
        kind = Kind.FULL if now - reading.full_at >= FULL_EVERY else Kind.RECONCILE
        return Due(kind, f"{kind}:{night.date()}")
    pause = pause_of(reading, now)
    if now - reading.synced_at < pause:
        return None
    return Due(Kind.INCREMENTAL, f"{Kind.INCREMENTAL}:{int(now.timestamp() // pause.total_seconds())}")


def pause_of(reading: Reading, now: datetime) -> timedelta:
    """Spread over businesses by up to a tenth, so that they do not all read at the full hour."""
    base = ATTENDED if reading.attended else IN_HOURS if _in_hours(reading, now) else OUT_OF_HOURS
    return base * (SPARING if reading.sparing else 1) * (1 + _share(reading.business_id) / 10)


def _in_hours(reading: Reading, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(reading.zone))
    return local.isoweekday() <= 5 and WORKDAY[0] <= local.time() < WORKDAY[1]


def _night(reading: Reading, now: datetime) -> datetime:
    """Today's local moment for the second look, somewhere between one and five."""
    zone = ZoneInfo(reading.zone)
    begins = datetime.combine(now.astimezone(zone).date(), NIGHT_BEGINS, zone)
    return (begins + NIGHT * _share(reading.business_id)).astimezone(UTC)


def _share(business_id: UUID) -> float:
    """Between 0 and 1, the same for ever."""
    return (business_id.int % 997) / 997


async def enqueue_due(db: Database, clock: Clock, *, budget: int) -> int:
    """Order what is due; returns how many orders this call made. `budget`: reads a month of all businesses together."""
    now = clock.now()
    async with db.system_session() as session:
        readings = await _readings(session, now, budget)
    made = 0
    for reading in readings:
        if reading.synced_at is not None and now - reading.synced_at < ATTENDED:
            continue
        async with db.tenant_session(reading.business_id) as session:
            made += await _order(session, reading, now)
    return made


async def _order(session: TenantSession, reading: Reading, now: datetime) -> int:
    due = find_due(await _attended(session, reading), now)
    if due is None or await _is_ordered(session):
        return 0
    return int(await order_sync(session, due.kind, actor=OURS, key=f"clock:{due.slot}"))


async def _attended(session: TenantSession, reading: Reading) -> Reading:
    waiting = any(decision.phase is Phase.PROPOSED for decision in await list_live(session))
    return replace(reading, attended=waiting)


async def look(session: TenantSession, clock: Clock) -> bool:
    """Somebody looks at figures: the books are read again behind what they see, unless they were a moment ago.

    Returns whether this look ordered it. The month's budget does not count here: people go first.
    """
    linked, now = await find_connection(session), clock.now()
    read = await session.execute(select(func.min(CursorRow.last_synced), func.min(CursorRow.full_at)))
    synced, full = read.one()
    if linked is None or not linked.live or synced is None or full is None or now - synced < ATTENDED:
        return False
    if await _is_ordered(session):
        return False
    slot = int(now.timestamp() // ATTENDED.total_seconds())
    return await order_sync(session, Kind.INCREMENTAL, actor=OURS, key=f"look:{slot}")


async def _is_ordered(session: TenantSession) -> bool:
    """One that waits will read everything that is new when its turn comes."""
    statement = select(OutboxRow.id).where(
        OutboxRow.kind.in_((SyncBooks.__name__, SyncBooksNow.__name__)),
        OutboxRow.done_at.is_(None),
        OutboxRow.dead_at.is_(None),
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def _readings(session: SystemSession, now: datetime, budget: int) -> list[Reading]:
    connected = await list_connected(session)
    zones = {business.id: business.zone for business in await list_businesses(session)}
    sparing = await reads_of_month(session, now) >= budget * SPARING_FROM
    statement = select(
        CursorRow.business_id,
        func.min(CursorRow.last_synced),
        func.min(CursorRow.full_at),
        func.max(CursorRow.reconciled_at),
    ).group_by(CursorRow.business_id)
    read = {row.business_id: (row[1], row[2], row[3]) for row in await session.execute(statement)}
    never = (None, None, None)
    return [
        Reading(business_id, zones[business_id], *read.get(business_id, never), sparing=sparing)
        for business_id in connected
    ]
