"""The few numbers of a week that the next one is compared with, and what moved between the two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domains.movements import Movement, MovementKind
from kit.money import Money, sum_money
from orchestrators.results.digest import Move, MoveKind, Period, TrendPoint, Variance

TREND_KEPT = 53
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """As they were told that week. `open_bills` maps a reference to its open balance; `shown` are the queue's keys.

    `moved_today` are the movements already dated on `on`: what is posted later that day is still new to next week.
    """

    period: Period
    on: date
    currency: str
    cash_book: Decimal
    set_aside: Decimal
    approved: Decimal
    runway: Decimal | None
    daily_burn: Decimal | None
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


def explain_change(then: WeekFigures, now: WeekFigures, movements: Sequence[Movement]) -> Variance:
    """What moved the runway. The amounts of all moves but NEW_BILLS add up to the change of available cash.

    Days are each amount over the burn of then; PACE carries what the changed burn rate (and rounding) did, so that
    the days add up to the change of the runway exactly.
    """
    new = [one for one in movements if one.id not in then.moved_today]
    causes = _causes(then, now, new)
    days = _change(then.runway, now.runway)
    moves = [_with_days(move, then.daily_burn if days is not None else None) for move in causes if move.amount]
    explained = sum((move.days for move in moves if move.days is not None), Decimal(0))
    if days is not None and days != explained:
        moves.append(Move(MoveKind.PACE, None, days - explained))
    return Variance(
        since=then.period,
        since_day=then.on,
        runway_days=days,
        available=now.money(now.available - then.available),
        low_water=_money(now, _change(then.low_water, now.low_water)),
        data_quality=_points(then, now),
        moves=(*moves, *_new_bills(then, now)),
    )


def _causes(then: WeekFigures, now: WeekFigures, new: Sequence[Movement]) -> list[Move]:
    operating = [one for one in new if one.kind is MovementKind.OPERATING]
    received = [one for one in operating if one.amount > 0]
    paid = [one for one in operating if one.amount < 0]
    other = [one for one in new if one.kind is not MovementKind.OPERATING]
    restated = now.cash_book - then.cash_book - sum((one.amount for one in new), Decimal(0))
    return [
        _of(MoveKind.RECEIPTS, received, now.currency),
        _of(MoveKind.PAYMENTS, paid, now.currency),
        _of(MoveKind.OTHER, other, now.currency),
        Move(MoveKind.APPROVALS, now.money(then.approved - now.approved), None),
        Move(MoveKind.SET_ASIDE, now.money(then.set_aside - now.set_aside), None),
        Move(MoveKind.RESTATED, now.money(restated), None),
    ]


def _of(kind: MoveKind, movements: Sequence[Movement], currency: str) -> Move:
    total = sum_money((Money(one.amount, currency) for one in movements), currency)
    return Move(kind, total, None, len(movements))


def _with_days(move: Move, daily_burn: Decimal | None) -> Move:
    if not daily_burn or move.amount is None:
        return move
    return replace(move, days=(move.amount.amount / daily_burn).quantize(TENTH))


def _new_bills(then: WeekFigures, now: WeekFigures) -> tuple[Move, ...]:
    known = {ref for ref, _ in then.open_bills}
    fresh = [amount for ref, amount in now.open_bills if ref not in known]
    if not fresh:
        return ()
    return (Move(MoveKind.NEW_BILLS, now.money(-sum(fresh, Decimal(0))), None, len(fresh)),)


def _change(then: Decimal | None, now: Decimal | None) -> Decimal | None:
    return None if then is None or now is None else now - then


def _money(figures: WeekFigures, amount: Decimal | None) -> Money | None:
    return None if amount is None else figures.money(amount)


def _points(then: WeekFigures, now: WeekFigures) -> int | None:
    return None if then.data_quality is None or now.data_quality is None else now.data_quality - then.data_quality
