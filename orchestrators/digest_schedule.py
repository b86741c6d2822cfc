"""When each business's digest is due: asked by any number of schedulers, answered once per local ISO week."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import String, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.businesses import FICTION, BusinessRow, BusinessStatus
from domains.policy import DigestSettings, PolicyVersion, get_policy
from kit.clock import Clock, next_local
from kit.db import Database, SystemSession, TenantSession
from kit.errors import Busy
from kit.models import Base, Owned
from kit.outbox import enqueue
from orchestrators.digest_runs import RunKind, RunState, SkipReason, claim_period, get_run, order_key, step
from orchestrators.outgoing import DeliverDigest
from orchestrators.results.digest import Period

CATCH_UP = timedelta(hours=24)
LOOK_AGAIN = timedelta(minutes=10)  # settings may have changed without anybody telling us
BATCH = 500

log = structlog.get_logger(__name__)


class DigestScheduleRow(Owned, Base):
    """`next_at` None: no digest is wanted. `plan` is what `next_at` was computed from."""

    __tablename__ = "digest_schedule"

    next_at: Mapped[datetime | None]
    plan: Mapped[str] = mapped_column(String(100), server_default="")
    checked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Slot:
    """One local ISO week's hour."""

    at: datetime
    period: Period


async def enqueue_due(db: Database, clock: Clock) -> int:
    """One tick: order every digest that is due. Returns how many; safe to call from any number of processes."""
    async with db.system_session() as session:
        due = await _list_due(session, clock.now())
    ordered = 0
    for business in due:
        try:
            async with db.tenant_session(business) as session:
                ordered += await plan(session, clock)
        except Busy:
            log.info("digest.schedule_busy", business_id=str(business))  # the next tick looks again
    return ordered


async def _list_due(session: SystemSession, now: datetime) -> list[UUID]:
    row = DigestScheduleRow
    unseen = or_(row.checked_at.is_(None), row.checked_at < now - LOOK_AGAIN)
    statement = (
        select(BusinessRow.business_id)
        .outerjoin(row, row.business_id == BusinessRow.business_id)
        .where(BusinessRow.status == BusinessStatus.ACTIVE, BusinessRow.business_id != FICTION)
        .where(or_(row.next_at <= now, unseen))
        .order_by(row.next_at.nulls_last(), BusinessRow.business_id)
        .limit(BATCH)
    )
    return list((await session.execute(statement)).scalars())


async def plan(session: TenantSession, clock: Clock) -> int:
    """Order what is due for this business and remember what comes next. Another scheduler at it: nothing to do."""
    await session.execute(insert(DigestScheduleRow).values(business_id=session.business_id).on_conflict_do_nothing())
    known = await session.execute(select(DigestScheduleRow).with_for_update(skip_locked=True))
    row = known.scalar_one_or_none()
    if row is None:
        return 0
    policy = await get_policy(session)
    ordered, upcoming = await _advance(session, row, policy, clock)
    changes = {"next_at": upcoming, "plan": fingerprint(policy.policy.digest), "checked_at": clock.now()}
    await session.execute(update(DigestScheduleRow).values(**changes))
    return ordered


async def _advance(
    session: TenantSession, row: DigestScheduleRow, policy: PolicyVersion, clock: Clock
) -> tuple[int, datetime | None]:
    """The slots up to now, under the settings that were in force at each; then the next one."""
    settings, now = policy.policy.digest, clock.now()
    if row.plan == fingerprint(settings):
        return await _order_until(session, settings, row.next_at, now, clock)
    changed_at = min(policy.changed_at or now, now) if row.plan else now
    before = read_fingerprint(row.plan)
    old_ordered, old_next = await _order_until(session, before, row.next_at, changed_at, clock)
    first = next_slot(settings, changed_at)
    missed, following = _slot(before, old_next), _slot(settings, first)
    if missed and following and missed.period < following.period:
        await _skip_moved(session, missed, clock)
    ordered, upcoming = await _order_until(session, settings, first, now, clock)
    return old_ordered + ordered, upcoming


async def _order_until(
    session: TenantSession, settings: DigestSettings | None, first: datetime | None, until: datetime, clock: Clock
) -> tuple[int, datetime | None]:
    ordered, slot = 0, first
    while settings is not None and slot is not None and slot <= until:
        ordered += await _order(session, slot_of(settings, slot), clock)
        slot = next_slot(settings, slot)
    return ordered, slot


async def _order(session: TenantSession, slot: Slot, clock: Clock) -> int:
    """The week's run, if nobody made it: ordered while it can still be called this week's, else skipped and audited."""
    period = str(slot.period)
    run_id = await claim_period(session, kind=RunKind.WEEKLY, period=period, due_at=slot.at, by="runway")
    if run_id is None:
        return 0
    if clock.now() - slot.at > CATCH_UP:
        run = await get_run(session, run_id)
        await step(session, run, RunState.SKIPPED, clock, reason=SkipReason.MISSED)
        log.warning("digest.missed", period=period)
        return 0
    await enqueue(session, DeliverDigest(run_id=str(run_id)), key=order_key(run_id, slot.at))
    return 1


async def _skip_moved(session: TenantSession, missed: Slot, clock: Clock) -> None:
    """A change of day can jump over a week: that week gets an audited skip instead of silence."""
    period = str(missed.period)
    run_id = await claim_period(session, kind=RunKind.WEEKLY, period=period, due_at=missed.at, by="runway")
    if run_id is not None:
        run = await get_run(session, run_id)
        await step(session, run, RunState.SKIPPED, clock, reason=SkipReason.RESCHEDULED)


def _slot(settings: DigestSettings | None, at: datetime | None) -> Slot | None:
    return slot_of(settings, at) if settings and at else None


def next_slot(settings: DigestSettings, after: datetime) -> datetime | None:
    if not settings.enabled:
        return None
    return next_local(after, ZoneInfo(settings.zone), weekday=settings.weekday, hour=settings.hour)


def slot_of(settings: DigestSettings, at: datetime) -> Slot:
    return Slot(at, Period.of(at.astimezone(ZoneInfo(settings.zone)).date()))


def fingerprint(settings: DigestSettings) -> str:
    """What of the settings moves the hour."""
    return f"{settings.weekday}|{settings.hour}|{settings.zone}|{'on' if settings.enabled else 'off'}"


def read_fingerprint(text: str) -> DigestSettings | None:
    if not text:
        return None
    weekday, hour, zone, on = text.split("|")
    return replace(DigestSettings(), weekday=int(weekday), hour=int(hour), zone=zone, enabled=on == "on")
