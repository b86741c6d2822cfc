"""A forecast that grades itself: what is kept of each projection, and how far the cash really ended from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from calculators.inputs import ZERO

KEPT_DAYS: Final = (7, 14, 28, 56, 91)
REPORTED_DAYS: Final = (7, 14, 28, 91)
SHARE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class KeptPoint:
    """`low` and `high` are balances; None when the projection had no band yet."""

    days: int
    expected: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class KeptProjection:
    """What must be stored of a projection to grade it later: its view at trend on the days of `KEPT_DAYS`."""

    as_of: date
    currency: str
    opening: Decimal
    points: tuple[KeptPoint, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """One forecast against what happened `days` days later; `inside` is None when it had no band."""

    as_of: date
    days: int
    expected: Decimal
    actual: Decimal
    inside: bool | None

    @property
    def on(self) -> date:
        return self.as_of + timedelta(days=self.days)

    @property
    def error(self) -> Decimal:
        """Positive when there was less cash than forecast."""
        return self.expected - self.actual


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Over `count` grades at one horizon, as shares of 1 with four decimals.

    `wape` = Σ|error| ÷ Σ|actual balance| (weighted absolute percentage error); None when nothing is graded or all
    balances were 0. `coverage`: how often the band held; None when no graded forecast had one.
    """

    days: int
    count: int
    wape: Decimal | None
    coverage: Decimal | None


def grade(kept: KeptProjection, actual: Mapping[date, Decimal]) -> tuple[Grade, ...]:
    """Grades every kept day whose `actual` closing bank balance is known."""
    return tuple(
        Grade(kept.as_of, point.days, point.expected, actual[on], _inside(point, actual[on]))
        for point in kept.points
        if (on := kept.as_of + timedelta(days=point.days)) in actual
    )


def _inside(point: KeptPoint, actual: Decimal) -> bool | None:
    if point.low is None or point.high is None:
        return None
    return point.low <= actual <= point.high


def measure_accuracy(grades: Iterable[Grade]) -> tuple[Accuracy, ...]:
    """One row per reported horizon (7, 14, 28 and 91 days), also for horizons without a grade."""
    listed = list(grades)
    return tuple(_accuracy(days, [one for one in listed if one.days == days]) for days in REPORTED_DAYS)


def _accuracy(days: int, grades: list[Grade]) -> Accuracy:
    judged = [one.inside for one in grades if one.inside is not None]
    return Accuracy(
        days=days,
        count=len(grades),
        wape=_share(sum((abs(one.error) for one in grades), ZERO), sum((abs(one.actual) for one in grades), ZERO)),
        coverage=_share(Decimal(sum(judged)), Decimal(len(judged))),
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(SHARE, ROUND_HALF_UP) if whole else None
