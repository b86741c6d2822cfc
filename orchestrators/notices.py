"""What Runway says unasked: at most once per subject and day, in one message, never at night, never to the snoozing."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Index, String, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from domains.people import Act, Caller, Person, find_person, list_people_who_may
from kit.clock import Clock, local_today
from kit.db import TenantSession
from kit.models import Base, Owned
from kit.outbox import enqueue
from orchestrators import payload
from orchestrators.outgoing import TellPerson
from orchestrators.refusals import BadField
from orchestrators.results.notices import AlertKind, AlertLine

QUIET_FROM, QUIET_TO = 20, 8
DAILY_CAP = 5
NOT_AGAIN_FOR = timedelta(days=7)
PROJECTED = frozenset({AlertKind.FLOOR_BREACH, AlertKind.TROUGH})
LOUD = frozenset({AlertKind.FLOOR_BREACH, AlertKind.RECONNECT})
LONGEST_SNOOZE = timedelta(days=31)
MOST_A_DAY = 20


class NoticeRow(Owned, Base):
    """One subject on one day for one person; the same `fingerprint` is not told again for a week."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_subject", "business_id", "slack_user", "subject", "day"),)

    slack_user: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fingerprint: Mapped[str] = mapped_column(String(64))
    over: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class NoticeSettingsRow(Owned, Base):
    """Quiet hours are whole hours on the person's own wall clock; equal ones mean none."""

    __tablename__ = "notice_settings"

    slack_user: Mapped[str] = mapped_column(String(40), primary_key=True)
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    quiet_from: Mapped[int] = mapped_column(server_default=str(QUIET_FROM))
    quiet_to: Mapped[int] = mapped_column(server_default=str(QUIET_TO))
    daily_cap: Mapped[int] = mapped_column(server_default=str(DAILY_CAP))


class NoticePostRow(Owned, Base):
    """What a person was sent that day: edits are free, posts are counted."""

    __tablename__ = "notice_posts"

    slack_user: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)


@dataclass(frozen=True, slots=True)
class Manners:
    """How one person wants to be told."""

    zone: ZoneInfo
    snoozed_until: date | None = None
    quiet_from: int = QUIET_FROM
    quiet_to: int = QUIET_TO
    daily_cap: int = DAILY_CAP

    def next_moment(self, now: datetime) -> datetime:
        """`now` when it may be said, else the first instant at which it may."""
        local = now.astimezone(self.zone)
        if self.snoozed_until is not None and local.date() < self.snoozed_until:
            local = datetime.combine(self.snoozed_until, time(0), self.zone)
        if self._is_quiet(local.hour):
            ahead = timedelta(days=1) if local.hour >= self.quiet_to else timedelta(0)
            local = datetime.combine(local.date() + ahead, time(self.quiet_to), self.zone)
        return max(local, now.astimezone(self.zone)).astimezone(now.tzinfo)

    def _is_quiet(self, hour: int) -> bool:
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


async def get_manners(session: TenantSession, person: Person) -> Manners:
    statement = select(NoticeSettingsRow).where(NoticeSettingsRow.slack_user == person.slack_user)
    row = (await session.execute(statement)).scalar_one_or_none()
    zone = ZoneInfo(person.zone)
    return Manners(zone, row.snoozed_until, row.quiet_from, row.quiet_to, row.daily_cap) if row else Manners(zone)


async def alert_admins(session: TenantSession, clock: Clock, line: AlertLine) -> None:
    await alert(session, clock, await list_people_who_may(session, Act.MANAGE), line)


async def alert(session: TenantSession, clock: Clock, people: Iterable[str], line: AlertLine) -> None:
    """Write the line into each person's message of their day, unless they were told the very same within a week."""
    for slack_user in people:
        person = await find_person(session, slack_user)
        if person is not None and person.refused_as is None and not await _was_told(session, clock, person, line):
            await _write(session, clock, person, line)


async def _was_told(session: TenantSession, clock: Clock, person: Person, line: AlertLine) -> bool:
    today = local_today(clock, ZoneInfo(person.zone))
    statement = select(NoticeRow.day).where(
        NoticeRow.slack_user == person.slack_user,
        NoticeRow.subject == line.subject,
        NoticeRow.fingerprint == fingerprint(line),
        NoticeRow.over.is_(False),
        NoticeRow.day > today - NOT_AGAIN_FOR,
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None


async def _write(session: TenantSession, clock: Clock, person: Person, line: AlertLine) -> None:
    day = local_today(clock, ZoneInfo(person.zone))
    facts = {"kind": line.kind, "facts": payload.dump(line), "fingerprint": fingerprint(line), "over": line.over}
    keys = {"business_id": session.business_id, "slack_user": person.slack_user, "day": day, "subject": line.subject}
    statement = insert(NoticeRow).values(**keys, **facts)
    await session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=facts))
    await order_telling(session, person.slack_user, day)


async def order_telling(session: TenantSession, slack_user: str, day: date, *, delay: timedelta = timedelta(0)) -> None:
    """Orders that pile up are run once: the newest of them tells everything."""
    await enqueue(session, TellPerson(slack_user=slack_user, day=day.isoformat()), key=f"alerts:{uuid4()}", delay=delay)


def fingerprint(line: AlertLine) -> str:
    """What makes it news: not the amount, nor the day of a projection, which move with every sync."""
    on = None if line.kind in PROJECTED else line.on
    told = (line.kind, line.subject, line.ref, on, line.detail, line.over)
    return sha256(repr(told).encode()).hexdigest()


async def settle(session: TenantSession, clock: Clock, kind: AlertKind, still: frozenset[str]) -> None:
    """Lines of this kind whose subject is no longer so are struck.

    Also in the messages of the days before: what was told on one of them is not told again for a week.
    """
    statement = (
        update(NoticeRow)
        .where(NoticeRow.kind == kind, NoticeRow.over.is_(False), NoticeRow.subject.not_in(still))
        .values(over=True)
        .returning(NoticeRow.slack_user, NoticeRow.day)
    )
    touched = {(user, day) for user, day in await session.execute(statement)}
    for slack_user, day in sorted(touched):
        person = await find_person(session, slack_user)
        if person is not None and day > local_today(clock, ZoneInfo(person.zone)) - NOT_AGAIN_FOR:
            await order_telling(session, slack_user, day)


async def list_lines(session: TenantSession, slack_user: str, day: date) -> tuple[AlertLine, ...]:
    """In the order of urgency, older first."""
    statement = select(NoticeRow).where(NoticeRow.slack_user == slack_user, NoticeRow.day == day)
    rows = (await session.execute(statement.order_by(NoticeRow.created_at, NoticeRow.subject))).scalars()
    lines = [_line(row) for row in rows]
    return tuple(sorted(lines, key=lambda line: list(AlertKind).index(line.kind)))


def _line(row: NoticeRow) -> AlertLine:
    line: AlertLine = payload.load(row.facts | {"over": row.over}, AlertLine)
    return line


async def count_post(session: TenantSession, slack_user: str, day: date, key: str, *, cap: int | None) -> bool:
    """Whether this message may be posted that day; the same one is counted once. `cap` None: always, but counted."""
    mine = (NoticePostRow.slack_user == slack_user, NoticePostRow.day == day)
    keys = set((await session.execute(select(NoticePostRow.key).where(*mine))).scalars())
    if key not in keys and cap is not None and len(keys) >= cap:
        return False
    row = {"business_id": session.business_id, "slack_user": slack_user, "day": day, "key": key}
    await session.execute(insert(NoticePostRow).values(**row).on_conflict_do_nothing())
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a person wants to be told: whole hours of their own clock, posts a day, and nothing before a day."""

    quiet_from: int
    quiet_to: int
    daily_cap: int
    snoozed_until: date | None


@dataclass(frozen=True, slots=True)
class NoticeService:
    """What a person may say about being told."""

    session: TenantSession
    clock: Clock

    async def get_manners(self, caller: Caller) -> Manners:
        """As they stand, or as they are for somebody who never said anything."""
        person = await find_person(self.session, caller.slack_user)
        return await get_manners(self.session, person) if person else Manners(ZoneInfo(caller.zone))

    async def snooze(self, caller: Caller, until: date, *, source: str) -> date:
        """Nothing unasked before that day, on the caller's own calendar. Raises `BadField` for a day gone by."""
        self._check_snooze(caller, until)
        await self._change(caller, "notices.snoozed", source, snoozed_until=until)
        return until

    async def set_manners(self, caller: Caller, wish: Wish, *, source: str) -> Manners:
        """Raises `BadField`. What is as it was before is neither written nor put on record."""
        if not (0 <= wish.quiet_from <= 23 and 0 <= wish.quiet_to <= 23):
            raise BadField("quiet_from", "Quiet hours are whole hours from 0 to 23.")
        if not 1 <= wish.daily_cap <= MOST_A_DAY:
            raise BadField("daily_cap", f"Write a number from 1 to {MOST_A_DAY}.")
        before = await self.get_manners(caller)
        if wish.snoozed_until is not None and wish.snoozed_until != before.snoozed_until:
            self._check_snooze(caller, wish.snoozed_until)
        wanted = {one.name: getattr(wish, one.name) for one in fields(wish)}
        changed = {name: value for name, value in wanted.items() if value != getattr(before, name)}
        if changed:
            await self._change(caller, "notices.changed", source, **changed)
        return replace(before, **wanted)

    def _check_snooze(self, caller: Caller, until: date) -> None:
        today = local_today(self.clock, ZoneInfo(caller.zone))
        if not today < until <= today + LONGEST_SNOOZE:
            raise BadField("snoozed_until", "Choose a day from tomorrow to a month ahead. Nothing was changed.")

    async def _change(self, caller: Caller, action: str, source: str, **facts: Any) -> None:
        keys = {"business_id": self.session.business_id, "slack_user": caller.slack_user}
        statement = insert(NoticeSettingsRow).values(**keys, **facts)
        await self.session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=facts))
        after = {name: str(value) for name, value in facts.items()}
        entry = Entry(
            actor=caller.slack_user,
            action=action,
            object_type="person",
            object_id=caller.slack_user,
            after=after,
            source=source,
        )
        await record(self.session, entry, clock=self.clock)
