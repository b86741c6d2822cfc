"""On which days money from others can arrive: not on weekends nor, in dollars, on holidays of the Federal Reserve."""

from calendar import MONDAY, THURSDAY, monthrange
from datetime import date, timedelta
from functools import cache
from typing import Final

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
SUNDAY: Final = 6
DOLLAR: Final = "USD"
FIXED: Final = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
THIRD_MONDAYS: Final = (1, 2)


def nearest_bank_day(on: date, currency: str, *, earliest: date) -> date:
    """The day nearest to `on` when banks settle, not before `earliest`; of two the later one.

    Past payments were made on bank days, so what is learned from them has waited for Mondays already: moving every
    weekend forward would count that wait twice. Of currencies other than the dollar only weekends are known.
    """
    after = before = max(on, earliest)
    while not _is_bank_day(after, currency):
        after += DAY
    while before >= earliest and not _is_bank_day(before, currency):
        before -= DAY
    return before if before >= earliest and on - before < after - on else after


def _is_bank_day(day: date, currency: str) -> bool:
    return day.weekday() < SATURDAY and not (currency == DOLLAR and day in _holidays(day.year))


@cache
def _holidays(year: int) -> frozenset[date]:
    """Federal Reserve Banks' holiday schedule: one on a Sunday is kept on Monday, one on a Saturday not at all."""
    fixed = [date(year, month, day) for month, day in FIXED]
    kept = [on + DAY if on.weekday() == SUNDAY else on for on in fixed]
    moving = [_nth(year, month, MONDAY, 3) for month in THIRD_MONDAYS]
    labor, columbus, thanksgiving = (_nth(year, 9, MONDAY, 1), _nth(year, 10, MONDAY, 2), _nth(year, 11, THURSDAY, 4))
    return frozenset([*kept, *moving, _last_monday_of_may(year), labor, columbus, thanksgiving])


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, monthrange(year, 5)[1])
    return last - timedelta(days=last.weekday())
