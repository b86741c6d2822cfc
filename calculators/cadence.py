"""Rhythm of a recurring flow: which one a row of dates follows, and on which dates it comes next."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from calculators.inputs import Cadence

RECENT = 12
REGULAR_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`gap`: shortest and longest days between two in a row. `grace`: days a late one is still awaited."""

    gap: tuple[int, int]
    typical: int
    grace: int


RHYTHMS = {
    Cadence.WEEKLY: Rhythm((5, 9), 7, 2),
    Cadence.BIWEEKLY: Rhythm((12, 16), 14, 4),
    Cadence.SEMI_MONTHLY: Rhythm((12, 19), 15, 5),
    Cadence.MONTHLY: Rhythm((26, 36), 30, 10),
    Cadence.QUARTERLY: Rhythm((80, 103), 91, 20),
}


# Shortest and longest days between US estimated taxes, a weekend to either side, and how far a weekend moves one.
TAX_GAP = (57, 126)
MOVED = 4


def find_cadence(dates: Sequence[date]) -> Cadence | None:
    """The rhythm of rising, distinct `dates`; None under three dates or when under 75 % of the gaps fit one.

    Four a year on one day of the month are quarterly though they lie unevenly, as US estimated taxes do: 15 April,
    June, September and January, of corporations December instead of January (IRS Publications 505 and 542).
    """
    recent = dates[-RECENT:]
    if len(recent) < 3:
        return None
    gaps = _gaps(recent)
    for cadence, rhythm in RHYTHMS.items():
        low, high = rhythm.gap
        if bisect_right(gaps, high) - bisect_left(gaps, low) >= REGULAR_SHARE * len(gaps):
            return _semi_monthly_or(cadence, recent)
    return Cadence.QUARTERLY if _are_taxes(recent, gaps) else None


def _are_taxes(dates: Sequence[date], gaps: Sequence[int]) -> bool:
    """`gaps` between four dates or more, rising. Evenly spaced quarters have a rhythm of their own."""
    if len(dates) < 4 or gaps[0] < TAX_GAP[0] or gaps[-1] > TAX_GAP[1]:
        return False
    low, high = RHYTHMS[Cadence.QUARTERLY].gap
    uneven = sum(low <= gap <= high for gap in gaps) < REGULAR_SHARE * len(gaps)
    return uneven and all(_circular(day, dates[-1]) <= MOVED for day in dates)


def _gaps(dates: Sequence[date]) -> list[int]:
    return sorted([(after - before).days for before, after in pairwise(dates)])


def _semi_monthly_or(cadence: Cadence, dates: Sequence[date]) -> Cadence:
    """Gaps of two weeks and of half a month look alike; only the former keep their weekday."""
    if cadence is not Cadence.BIWEEKLY:
        return cadence
    (_, most_common), *_ = Counter(day.weekday() for day in dates).most_common(1)
    return Cadence.BIWEEKLY if most_common >= REGULAR_SHARE * len(dates) else Cadence.SEMI_MONTHLY


def next_dates(cadence: Cadence, dates: Sequence[date], as_of: date, end: date) -> list[date]:
    """Expected dates after `as_of` up to `end`, given the past `dates` of the flow.

    One that should have come but is late within its grace is expected tomorrow; later than that it was skipped.
    """
    rhythm = RHYTHMS[cadence]
    soonest = dates[-1] + timedelta(days=rhythm.typical // 2)
    due = [day for day in _calendar(cadence, dates[-RECENT:], end) if day > soonest]
    tomorrow = as_of + timedelta(days=1)
    late = [day for day in due if as_of - timedelta(days=rhythm.grace) <= day <= as_of]
    coming = [day for day in due if day > as_of]
    return ([tomorrow] if late and tomorrow <= end and tomorrow not in coming else []) + coming


def has_ended(cadence: Cadence, dates: Sequence[date], as_of: date) -> bool:
    """No payment for longer than the rhythm's longest gap and its grace."""
    rhythm, waited = RHYTHMS[cadence], (as_of - dates[-1]).days
    longest = TAX_GAP[1] if cadence is Cadence.QUARTERLY and _is_uneven(dates) else rhythm.gap[1]
    return waited > longest + rhythm.grace


def _is_uneven(dates: Sequence[date]) -> bool:
    recent = dates[-RECENT:]
    return _are_taxes(recent, _gaps(recent))


def repeat(cadence: Cadence, start: date, end: date) -> Iterator[date]:
    """`start` and its repetitions up to `end`; a day that a month lacks becomes that month's last.

    Semi-monthly pairs the start with the day half a month away: the 1st with the 16th, the 15th with the 30th.
    """
    if cadence in (Cadence.WEEKLY, Cadence.BIWEEKLY):
        yield from _every(start, RHYTHMS[cadence].typical, end)
        return
    anchors = [start.day]
    if cadence is Cadence.SEMI_MONTHLY:
        anchors.append(start.day + 15 if start.day <= 15 else start.day - 15)
    step = 3 if cadence is Cadence.QUARTERLY else 1
    yield from (day for day in _in_months(_month(start), step, anchors, end) if day >= start)


def _calendar(cadence: Cadence, dates: Sequence[date], end: date) -> Iterator[date]:
    if cadence in (Cadence.WEEKLY, Cadence.BIWEEKLY):
        return _every(_on_usual_weekday(dates), RHYTHMS[cadence].typical, end)
    if cadence is Cadence.SEMI_MONTHLY:
        return _in_months(_month(dates[-1]), 1, [_anchor(half) for half in _halves(dates)], end)
    anchor, month = _anchor(dates), _month(dates[-1])
    if cadence is Cadence.QUARTERLY and _is_uneven(dates):
        return (day for past in dates[-4:] if (day := _day_in_month(_month(past) + 12, anchor)) <= end)
    nearest = min((month - 1, month, month + 1), key=lambda at: abs(_day_in_month(at, anchor) - dates[-1]))
    return _in_months(nearest, 3 if cadence is Cadence.QUARTERLY else 1, [anchor], end)


def _on_usual_weekday(dates: Sequence[date]) -> date:
    """The last date moved to the weekday most of them had: a holiday shifts one payment, not the rhythm."""
    usual = Counter(day.weekday() for day in dates).most_common(1)[0][0]
    shift = (usual - dates[-1].weekday() + 3) % 7 - 3
    return dates[-1] + timedelta(days=shift)


def _every(start: date, step: int, end: date) -> Iterator[date]:
    day = start
    while day <= end:
        yield day
        day += timedelta(days=step)


def _in_months(start: int, step: int, anchors: Sequence[int], end: date) -> Iterator[date]:
    for month in range(start, _month(end) + 1, step):
        yield from sorted(day for anchor in anchors if (day := _day_in_month(month, anchor)) <= end)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_in_month(month: int, anchor: int) -> date:
    """`anchor` 1 to 31 counts from the start of the month, 0 and below from its last day."""
    year, index = divmod(month, 12)
    length = monthrange(year, index + 1)[1]
    return date(year, index + 1, min(anchor, length) if anchor > 0 else length + anchor)


def _anchor(dates: Sequence[date]) -> int:
    """The usual day of the month; around the turn of the month it is counted from the last day."""
    days = [day.day for day in dates]
    if max(days) - min(days) > 20:
        days = [day.day - monthrange(day.year, day.month)[1] if day.day > 15 else day.day for day in dates]
    middle = sorted(days)[len(days) // 2]
    return 31 if middle >= 28 else middle


def _halves(dates: Sequence[date]) -> tuple[list[date], list[date]]:
    """Splits twice-a-month dates into those near the last date's day of the month and those near the other."""
    last = dates[-1]
    other = max(dates, key=lambda day: _circular(day, last))
    near = [day for day in dates if _circular(day, last) <= _circular(day, other)]
    return near, [day for day in dates if day not in near]


def _circular(left: date, right: date) -> int:
    apart = abs(left.day - right.day)
    return min(apart, 30 - min(apart, 30))
