"""How far the cash may end up from the forecast: an 80 % band from what happened, never from a bell curve's promise."""

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal

from calculators.inputs import ZERO, cents


@dataclass(frozen=True, slots=True)
class BandPoint:
    """At `days` days the cash lies between forecast + `low` and forecast + `high` four times out of five."""

    days: int
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """At least one point, by rising days; between them, and from 0 at day 0, offsets grow linearly.

    `rule` says what they rest on.
    """

    points: tuple[BandPoint, ...]
    rule: str

    def offsets(self, days: int) -> tuple[Decimal, Decimal]:
        after = bisect_left([point.days for point in self.points], days)
        if after == len(self.points):
            return self.points[-1].low, self.points[-1].high
        right = self.points[after]
        left = self.points[after - 1] if after else BandPoint(0, ZERO, ZERO)
        share = Decimal(days - left.days) / (right.days - left.days)
        return (
            cents(left.low + (right.low - left.low) * share),
            cents(left.high + (right.high - left.high) * share),
        )
