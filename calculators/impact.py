"""What one decision does to the cash ahead, computed from the drawn curve: no projection is redone per bill.

Moving a payment changes every balance between its old and its new date by the amount, and no other. All segments that
thousands of bills can share are therefore reduced once to their running minima.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from calculators.curve import Mark
from calculators.inputs import ZERO, Books, OpenBill, home_balance
from calculators.pay_days import next_pay_day, planned_date
from calculators.projection import Projection


class Choice(StrEnum):
    PAY_NOW = "pay_now"
    BEST_DATE = "best_date"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Impact:
    """The committed view if this bill is paid on `pay_on`, everything else as planned.

    `low_water`, `first_below_floor`: of that view. `cash_after`: its balance at the end of `pay_on`; for a date beyond
    the 13 weeks at their end. `effect` on the low-water mark is against never paying, so it is never positive;
    `against_plan` is against the planned date: positive when the choice leaves more room.
    """

    choice: Choice
    pay_on: date
    low_water: Mark
    first_below_floor: date | None
    first_below_zero: date | None
    cash_after: Decimal
    effect: Decimal
    against_plan: Decimal


@dataclass(frozen=True, slots=True)
class _Segment:
    """The days of a stretch that are lower than all days before them in it: negated balances rise."""

    negated: list[Decimal]
    indexes: list[int]

    def lowest(self, shift: Decimal) -> tuple[Decimal, int]:
        return shift - self.negated[-1], self.indexes[-1]

    def first_below(self, level: Decimal, shift: Decimal) -> int | None:
        at = bisect_right(self.negated, shift - level)
        return self.indexes[at] if at < len(self.indexes) else None


class ImpactTable:
    """Answers for every bill of one projection; keeps nothing but the segments it has already reduced."""

    def __init__(self, books: Books, projection: Projection) -> None:
        self._books = books
        self._as_of = projection.as_of
        self._curve = projection.committed.curve
        self._floor = projection.committed.floor
        self._low = projection.committed.low_water.amount
        self._end = len(self._curve.balances)
        self._segments: dict[tuple[int, int], _Segment] = {}

    def choices(self, bill: OpenBill, *, best: date, hold_until: date) -> tuple[Impact, ...]:
        """Pay now, on its best date, and after a hold, which ends on the first pay day from `hold_until`."""
        held = next_pay_day(max(hold_until, self._as_of), self._books.policy)
        dates = {Choice.PAY_NOW: self._as_of, Choice.BEST_DATE: best, Choice.HOLD: held}
        return tuple(self.impact(bill, choice, on) for choice, on in dates.items())

    def impact(self, bill: OpenBill, choice: Choice, pay_on: date) -> Impact:
        """`bill` must be one of the projection's open bills; `pay_on` is today or later."""
        amount = home_balance(bill, self._books.currency)
        planned = self._index(planned_date(bill, self._as_of, self._books.policy))
        paid = self._index(pay_on)
        never, low_at = self._lowest(planned, self._end, amount)[0], self._lowest(planned, paid, amount)
        return Impact(
            choice=choice,
            pay_on=pay_on,
            low_water=Mark(low_at[0], self._curve.day(low_at[1])),
            first_below_floor=self._first_below(planned, paid, amount, self._floor),
            first_below_zero=self._first_below(planned, paid, amount, ZERO),
            cash_after=self._balance_at(planned, paid, amount),
            effect=low_at[0] - never,
            against_plan=low_at[0] - self._low,
        )

    def _index(self, day: date) -> int:
        """Every day beyond the 13 weeks is the same to them: after their end."""
        return min((day - self._as_of).days, self._end)

    def _stretches(self, planned: int, paid: int, amount: Decimal) -> Iterator[tuple[_Segment, Decimal]]:
        """The curve in up to three parts, the middle one moved by the amount that leaves later or earlier."""
        low, high = sorted((planned, paid))
        shift = amount if paid > planned else -amount
        for start, stop, moved in ((0, low, ZERO), (low, high, shift), (high, self._end, ZERO)):
            if start < stop:
                yield self._segment(start, stop), moved

    def _lowest(self, planned: int, paid: int, amount: Decimal) -> tuple[Decimal, int]:
        return min(segment.lowest(shift) for segment, shift in self._stretches(planned, paid, amount))

    def _first_below(self, planned: int, paid: int, amount: Decimal, level: Decimal) -> date | None:
        for segment, shift in self._stretches(planned, paid, amount):
            index = segment.first_below(level, shift)
            if index is not None:
                return self._curve.day(index)
        return None

    def _balance_at(self, planned: int, paid: int, amount: Decimal) -> Decimal:
        """The drawn balance of the day of payment, corrected for whether the bill is gone by then here and there."""
        day = min(paid, self._end - 1)
        return self._curve.balances[day] + amount * ((planned <= day) - (paid <= day))

    def _segment(self, start: int, stop: int) -> _Segment:
        found = self._segments.get((start, stop))
        if found is None:
            found = self._segments[start, stop] = _running_minima(self._curve.balances, start, stop)
        return found


def _running_minima(balances: tuple[Decimal, ...], start: int, stop: int) -> _Segment:
    negated, indexes = [-balances[start]], [start]
    for index in range(start + 1, stop):
        if -balances[index] > negated[-1]:
            negated.append(-balances[index])
            indexes.append(index)
    return _Segment(negated, indexes)
