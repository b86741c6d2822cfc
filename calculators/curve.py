"""A projected balance, day by day: its low-water mark, and the first day it falls below a level."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from calculators.inputs import HORIZON_DAYS, ZERO


@dataclass(frozen=True, slots=True)
class Mark:
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Curve:
    """`balances[n]` is the balance at the end of day `as_of` + n, for n = 0 … 91."""

    as_of: date
    balances: tuple[Decimal, ...]

    def on(self, day: date) -> Decimal:
        return self.balances[self.index(day)]

    def index(self, day: date) -> int:
        """Position of `day`; a day outside of the 13 weeks raises."""
        index = (day - self.as_of).days
        if not 0 <= index < len(self.balances):
            raise ValueError(f"{day} is not within {len(self.balances)} days from {self.as_of}")
        return index

    def day(self, index: int) -> date:
        return self.as_of + timedelta(days=index)

    @property
    def low_water(self) -> Mark:
        """The lowest balance; of equal ones the first."""
        lowest = min(self.balances)
        return Mark(lowest, self.day(self.balances.index(lowest)))

    def first_below(self, level: Decimal) -> date | None:
        return next((self.day(index) for index, balance in enumerate(self.balances) if balance < level), None)


def draw_curve(as_of: date, opening: Decimal, flows: Iterable[tuple[date, Decimal]]) -> Curve:
    """Flows from `as_of` up to 91 days later move the balance at the end of their day; others are out of sight."""
    changes = [ZERO] * (HORIZON_DAYS + 1)
    for on, amount in flows:
        index = (on - as_of).days
        if 0 <= index <= HORIZON_DAYS:
            changes[index] += amount
    changes[0] += opening
    return Curve(as_of, tuple(accumulate(changes)))
