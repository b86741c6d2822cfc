"""The one source of "now", and the calendar arithmetic that people feel: local days, weekly slots, written dates."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time

# Parsed once: babel would read it anew for every date.
AMERICAN = Locale.parse("en_US")


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The real clock moved by a constant, so that a demo's "today" is a chosen day while time still flows.

    `start` is an ISO date ("2026-11-27": that date in UTC at the real time of day, so that processes started apart
    agree) or an ISO instant with an offset ("2026-11-27T09:00:00-05:00": exactly that instant when this is built).
    """

    def __init__(self, start: str, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._offset = _offset(start, self._base.now())

    def now(self) -> datetime:
        return self._base.now() + self._offset


def _offset(start: str, real: datetime) -> timedelta:
    if len(start) == len("2026-11-27"):
        return date.fromisoformat(start) - real.date()
    instant = datetime.fromisoformat(start)
    if instant.tzinfo is None:
        raise ValueError(f"{start} has no UTC offset; write a date, or an instant such as {start}Z")
    return instant - real


class FrozenClock:
    """Stands still until told to move: for tests and replays."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no UTC offset")
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


def local_today(clock: Clock, zone: ZoneInfo) -> date:
    return clock.now().astimezone(zone).date()


def next_local(after: datetime, zone: ZoneInfo, *, weekday: int, hour: int, minute: int = 0) -> datetime:
    """The first instant after `after` at which the zone's wall clock shows this weekday (ISO: 1 = Monday) and time.

    Every local ISO week has exactly one such slot. A wall time that a clock change skips moves forward by the size of
    the gap (backward if the week would end first); one that occurs twice means its first occurrence. Returned in UTC.
    """
    today = after.astimezone(zone).date()
    monday = today - timedelta(days=today.isoweekday() - 1)
    wall = time(hour, minute)
    weeks = (monday + timedelta(weeks=ahead, days=weekday - 1) for ahead in range(-1, 3))
    return next(slot for day in weeks if (slot := _slot(day, wall, zone)) > after)


def _slot(day: date, wall: time, zone: ZoneInfo) -> datetime:
    # fold=0 reads a repeated wall time as its first occurrence, and a skipped one with the offset from before the gap,
    # which lands behind the gap (PEP 495). Where that is already Monday (Algiers in 1971), fold=1 lands before the gap
    # instead: the next week has its own slot.
    slot = datetime.combine(day, wall, zone).astimezone(UTC)
    if slot.astimezone(zone).isocalendar()[:2] == day.isocalendar()[:2]:
        return slot
    return datetime.combine(day, wall.replace(fold=1), zone).astimezone(UTC)


def format_date(day: date, today: date) -> str:
    """As in "Fri 27 Nov", with the year when it is not the current one."""
    pattern = "EEE d MMM" if day.year == today.year else "EEE d MMM y"
    return _formatted(day, pattern)


@lru_cache(maxsize=1024)
def _formatted(day: date, pattern: str) -> str:
    return babel_date(day, pattern, locale=AMERICAN)


def format_time(instant: datetime, zone: ZoneInfo) -> str:
    """As in "3:42 PM", on the zone's wall clock."""
    return babel_time(instant.astimezone(zone), "h:mm a", locale=AMERICAN)
