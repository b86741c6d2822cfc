"""How far the cash may end up from the forecast: an 80 % band from what happened, never from a bell curve's promise.

Half-width at a horizon: the error that four of five graded forecasts of this business stayed under (split conformal
prediction: of n errors the ⌈0.8 · (n + 1)⌉-th smallest). Until enough are graded, 0.8 to 0.95 standard deviations of
the weekly net cash flow, growing with the square root of time; the factors were fitted on replays of simulated
companies, where forecasts err less than cash itself moves. A band that was missed too often is widened, and relaxes as
it holds again.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from calculators.baseline import REPEATABLE
from calculators.grading import KEPT_DAYS, Grade
from calculators.inputs import ZERO, Movement, cents

LEVEL: Final = Decimal("0.8")
MIN_GRADES: Final = 8
MEMORY_WEEKS: Final = 52
FLOW_WEEKS: Final = 26
MIN_FLOW_WEEKS: Final = 4
FLOW_FACTORS: Final = {
    7: Decimal("0.95"),
    14: Decimal("0.8"),
    28: Decimal("0.8"),
    56: Decimal("0.85"),
    91: Decimal("0.95"),
}
STEP: Final = Decimal("0.1")
NARROWEST: Final = Decimal("0.75")
WIDEST: Final = Decimal(3)


@dataclass(frozen=True, slots=True)
class BandPoint:
    """At `days` days the cash lies within `half_width` of the forecast four times out of five.

    `graded`: forecasts the width rests on, 0 when it rests on weekly flows; `factor`: how much it was widened.
    """

    days: int
    half_width: Decimal
    graded: int
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """At least one point, by rising days; between them, and from 0 today, the width grows linearly."""

    points: tuple[BandPoint, ...]

    def half_width(self, days: int) -> Decimal:
        after = bisect_left([point.days for point in self.points], days)
        if after == len(self.points):
            return self.points[-1].half_width
        right = self.points[after]
        left_days, left = (0, ZERO) if after == 0 else (self.points[after - 1].days, self.points[after - 1].half_width)
        return cents(left + (right.half_width - left) * (days - left_days) / (right.days - left_days))


def learn_band(grades: Iterable[Grade], movements: Iterable[Movement], as_of: date) -> Band | None:
    """From grades due by `as_of` of forecasts of the last 52 weeks; None while neither they nor four weeks exist."""
    weekly = _weekly_deviation(movements, as_of)
    oldest = as_of - timedelta(weeks=MEMORY_WEEKS)
    usable = sorted(
        (grade for grade in grades if oldest <= grade.as_of and grade.on <= as_of), key=lambda grade: grade.as_of
    )
    points = []
    for days in KEPT_DAYS:
        point = _point(days, [grade for grade in usable if grade.days == days], weekly)
        if point is not None:
            points.append(point)
    return Band(tuple(points)) if points else None


def _point(days: int, grades: Sequence[Grade], weekly: Decimal | None) -> BandPoint | None:
    """Overlapping forecasts repeat each other: until they span the horizon twice, the wider of both rules counts."""
    by_flow = None if weekly is None else FLOW_FACTORS[days] * weekly * (Decimal(days) / 7).sqrt()
    enough = len(grades) >= MIN_GRADES
    by_grades = _conformal([abs(grade.error) for grade in grades]) if enough else None
    if enough and (grades[-1].as_of - grades[0].as_of).days >= 2 * days:
        by_flow = None
    width = max((each for each in (by_flow, by_grades) if each is not None), default=None)
    if width is None:
        return None
    factor = widening(grades)
    return BandPoint(days, cents(width * factor), len(grades) if width == by_grades else 0, factor)


def _conformal(errors: Sequence[Decimal]) -> Decimal:
    rank = int((LEVEL * (len(errors) + 1)).to_integral_value(ROUND_CEILING))
    return sorted(errors)[min(rank, len(errors)) - 1]


def widening(grades: Iterable[Grade]) -> Decimal:
    """Factor on the width, between 0.75 and 3: each miss adds 8 %, each hit takes 2 %, so four hits pay for a miss.

    `grades` of one horizon in order of time; those of forecasts kept without a band say nothing.
    """
    factor = Decimal(1)
    for grade in grades:
        if grade.inside is not None:
            change = 1 - STEP * (1 - LEVEL) if grade.inside else 1 + STEP * LEVEL
            factor = min(WIDEST, max(NARROWEST, factor * change))
    return factor.quantize(Decimal("0.001"))


def _weekly_deviation(movements: Iterable[Movement], as_of: date) -> Decimal | None:
    """Standard deviation of the net bank flow of up to 26 full weeks; None below four.

    They end with the last week that has a posting: that nobody kept the books since does not make the cash certain.
    """
    past = [movement for movement in movements if movement.on <= as_of]
    idle = min(((as_of - movement.on).days // 7 for movement in past), default=0)
    flows = [ZERO] * FLOW_WEEKS
    seen = 0
    for movement in past:
        week = (as_of - movement.on).days // 7 - idle
        seen = max(seen, week)
        if week < FLOW_WEEKS and movement.kind in REPEATABLE:
            flows[week] += movement.amount
    full = flows[: min(seen, FLOW_WEEKS)]
    if len(full) < MIN_FLOW_WEEKS:
        return None
    mean = sum(full, ZERO) / len(full)
    return (sum(((flow - mean) ** 2 for flow in full), ZERO) / len(full)).sqrt()
