"""What one decision does to the cash ahead, computed from the drawn curve: no projection is redone per bill.

Moving a payment changes every balance between its old and its new date by the amount, and no other. All segments that
thousands of bills can share are therefore reduced once to their running minima.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from calculators.curve import Mark
from calculators.inputs import ZERO, Books, OpenBill, home_balance
from calculators.pay_days import next_pay_day, planned_from
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

    def first_below(self, level: Decimal, shift: Decimal) -> int | None:
        at = bisect_right(self.negated, shift - level)
        return self.indexes[at] if at < len(self.indexes) else None


class ImpactTable:
    """Answers for every bill of one projection; keeps nothing but the segments it has already reduced."""

    def __init__(self, books: Books, projection: Projection) -> None:
        self._books = books
        self._as_of = projection.as_of
        self._upcoming = next_pay_day(projection.as_of, books.policy)
        self._curve = projection.committed.curve
        self._floor = projection.committed.floor
        self._low = projection.committed.low_water.amount
        self._end = len(self._curve.balances)
        self._segments: dict[tuple[int, int], _Segment] = {}

    def choices(self, bill: OpenBill, *, best: date, hold_until: date) -> tuple[Impact, ...]:
        """Pay now, on its best date, and after a hold, which ends on the first pay day from `hold_until`."""
        held = next_pay_day(max(hold_until, self._as_of), self._books.policy)
        ask = self._question(bill)
        return (
            ask(Choice.PAY_NOW, self._as_of),
            ask(Choice.BEST_DATE, best),
            ask(Choice.HOLD, held),
        )

    def impact(self, bill: OpenBill, choice: Choice, pay_on: date) -> Impact:
        """`bill` must be one of the projection's open bills; `pay_on` is today or later."""
        return self._question(bill)(choice, pay_on)

    def _question(self, bill: OpenBill) -> Callable[[Choice, date], Impact]:
        """What all choices about one bill share is worked out once: the amount, the plan, and never paying."""
        amount = home_balance(bill, self._books.currency)
        planned = self._index(planned_from(bill, self._as_of, self._upcoming, self._books.policy))
        never, _ = _lowest(self._stretches(planned, self._end, amount))
        return lambda choice, pay_on: self._answer(choice, pay_on, planned, amount, never)

    def _answer(self, choice: Choice, pay_on: date, planned: int, amount: Decimal, never: Decimal) -> Impact:
        paid = self._index(pay_on)
        stretches = self._stretches(planned, paid, amount)
        lowest, index = _lowest(stretches)
        return Impact(
            choice=choice,
            pay_on=pay_on,
            low_water=Mark(lowest, self._curve.day(index)),
            first_below_floor=self._first_below(stretches, self._floor) if lowest < self._floor else None,
            first_below_zero=self._first_below(stretches, ZERO) if lowest < 0 else None,
            cash_after=self._balance_at(planned, paid, amount),
            effect=lowest - never,
            against_plan=lowest - self._low,
        )

    def _index(self, day: date) -> int:
        """Every day beyond the 13 weeks is the same to them: after their end."""
        return min((day - self._as_of).days, self._end)

    def _stretches(self, planned: int, paid: int, amount: Decimal) -> list[tuple[_Segment, Decimal]]:
        """The curve in up to three parts, the middle one moved by the amount that leaves later or earlier."""
        low, high, shift = (planned, paid, amount) if paid > planned else (paid, planned, -amount)
        parts = ((0, low, ZERO), (low, high, shift), (high, self._end, ZERO))
        return [(self._segment(start, stop), moved) for start, stop, moved in parts if start < stop]

    def _first_below(self, stretches: Iterable[tuple[_Segment, Decimal]], level: Decimal) -> date:
        """Only asked when some day is below."""
        indexes = (segment.first_below(level, shift) for segment, shift in stretches)
        return self._curve.day(next(index for index in indexes if index is not None))

    def _balance_at(self, planned: int, paid: int, amount: Decimal) -> Decimal:
        """The drawn balance of the day of payment, corrected for whether the bill is gone by then here and there."""
        day = min(paid, self._end - 1)
        return self._curve.balances[day] + amount * ((planned <= day) - (paid <= day))

    def _segment(self, start: int, stop: int) -> _Segment:
        found = self._segments.get((start, stop))
        if found is None:
            found = self._segments[start, stop] = _running_minima(self._curve.balances, start, stop)
        return found


def _lowest(stretches: Iterable[tuple[_Segment, Decimal]]) -> tuple[Decimal, int]:
    """The lowest balance and its day; of equal ones the first."""
    return min((shift - segment.negated[-1], segment.indexes[-1]) for segment, shift in stretches)


def _running_minima(balances: tuple[Decimal, ...], start: int, stop: int) -> _Segment:
    negated, indexes = [-balances[start]], [start]
    for index in range(start + 1, stop):
        if -balances[index] > negated[-1]:
            negated.append(-balances[index])
            indexes.append(index)
    return _Segment(negated, indexes)
