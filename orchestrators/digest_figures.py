"""The few numbers of a week that the next one is compared with, and what moved between the two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from calculators import variance
from calculators.cash import Cash
from calculators.inputs import Movement
from calculators.runway import Burn, NotEnoughHistory, Runway, Status
from calculators.variance import Cause, Moved, RunwayChange
from kit.money import Money
from orchestrators.results.digest import Move, MoveKind, Period, TrendPoint, Variance

TREND_KEPT = 53
ZERO = Decimal(0)
KINDS = {
    Cause.RECEIPTS: MoveKind.RECEIPTS,
    Cause.PAYMENTS: MoveKind.PAYMENTS,
    Cause.OTHER: MoveKind.OTHER,
    Cause.NEW_BILLS: MoveKind.APPROVALS,
    Cause.SET_ASIDE: MoveKind.SET_ASIDE,
    Cause.RESTATED: MoveKind.RESTATED,
    Cause.PACE: MoveKind.PACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """As they were told that week. `open_bills` maps a reference to its open balance; `shown` are the queue's keys.

    `burned` is what was spent in `burn_days`; both None when there was not enough history. `moved_today` are the
    movements already dated on `on`: what is posted later that day is still new to next week.
    """

    period: Period
    on: date
    currency: str
    cash_book: Decimal
    set_aside: Decimal
    approved: Decimal
    runway: Decimal | None
    burned: Decimal | None
    burn_days: int | None
    low_water: Decimal | None
    data_quality: int | None
    open_bills: tuple[tuple[str, Decimal], ...] = ()
    moved_today: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    trend: tuple[TrendPoint, ...] = ()

    @property
    def available(self) -> Decimal:
        return self.cash_book - self.set_aside - self.approved

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)

    @property
    def point(self) -> TrendPoint:
        low = None if self.low_water is None else self.money(self.low_water)
        return TrendPoint(self.period, self.on, self.money(self.available), self.runway, low, self.data_quality)

    def continuing(self, last: "WeekFigures | None") -> "WeekFigures":
        """With the weeks before it: a digest reads one earlier digest, and that one has read its own."""
        earlier = (*last.trend, last.point) if last else ()
        return replace(self, trend=tuple(one for one in earlier if one.period < self.period)[-TREND_KEPT:])

    def as_runway(self) -> Runway:
        """What the variance calculator compares; only totals were kept, so it names no movement behind them."""
        cash = Cash(self.currency, self.cash_book, ZERO, ZERO, ZERO, self.set_aside, self.approved)
        return Runway(self.on, cash, self._burn(), self.runway, None, Status.UNKNOWN)

    def _burn(self) -> Burn | NotEnoughHistory:
        if self.burned is None or self.burn_days is None:
            return NotEnoughHistory(0)
        start = self.on - timedelta(days=self.burn_days - 1)
        return Burn(start, self.on, self.burn_days, self.burned, ZERO, (), (), ())


def measure_change(then: WeekFigures, now: WeekFigures, movements: Iterable[Movement]) -> RunwayChange:
    """`movements` are those dated from `then.on` to `now.on`.

    One dated on the day of the last digest that was not known when it was told belongs to the week after it.
    """
    after = then.on + timedelta(days=1)
    new = [replace(one, on=max(one.on, after)) for one in movements if one.id not in then.moved_today]
    return variance.explain_change(then.as_runway(), now.as_runway(), new)


def describe_change(then: WeekFigures, now: WeekFigures, change: RunwayChange) -> Variance:
    """The amounts of all moves but NEW_BILLS add up to the change of available cash, the days to that of the runway."""
    return Variance(
        since=then.period,
        since_day=then.on,
        runway_days=change.days,
        available=now.money(change.available),
        low_water=None
        if then.low_water is None or now.low_water is None
        else now.money(now.low_water - then.low_water),
        data_quality=None
        if then.data_quality is None or now.data_quality is None
        else now.data_quality - then.data_quality,
        moves=(*(_move(part, now) for part in change.parts), *_new_bills(then, now)),
    )


def _move(part: Moved, now: WeekFigures) -> Move:
    amount = None if part.cause is Cause.PACE else now.money(part.amount)
    return Move(KINDS[part.cause], amount, part.days, len(part.ids) or None)


def _new_bills(then: WeekFigures, now: WeekFigures) -> Sequence[Move]:
    known = {ref for ref, _ in then.open_bills}
    fresh = [amount for ref, amount in now.open_bills if ref not in known]
    return [Move(MoveKind.NEW_BILLS, now.money(-sum(fresh, ZERO)), None, len(fresh))] if fresh else []
