"""What moved the runway between two weeks, cause by cause; the causes add up to the change exactly.

Every cause of a change in available cash is measured in money and, at the burn of the first week, in days. What the
days do not explain is the pace: the burn itself changed (and rounding).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from calculators.inputs import ZERO, CalculatorError, Movement, MovementKind
from calculators.runway import TENTH, NotEnoughHistory, Runway


class Cause(StrEnum):
    """NEW_BILLS: approved since and not yet paid, less those seen paid; before approval a bill takes no available cash.

    OTHER: draws, contributions, loans and transfers. RESTATED: the past was changed in the books.
    """

    RECEIPTS = "receipts"
    PAYMENTS = "payments"
    OTHER = "other"
    NEW_BILLS = "new_bills"
    SET_ASIDE = "set_aside"
    RESTATED = "restated"
    PACE = "pace"


class NotLater(CalculatorError):
    """Two weeks that are not in order, or not of one currency, have no change between them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """`amount` is signed as available cash feels it, 0 for PACE; `days` None when either runway is not a number."""

    cause: Cause
    amount: Decimal
    days: Decimal | None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunwayChange:
    """Amounts of `parts` add up to `available`, their days to `days` (the change of the runway without receipts)."""

    since: date
    until: date
    available: Decimal
    days: Decimal | None
    parts: tuple[Moved, ...]


def explain_change(then: Runway, now: Runway, movements: Iterable[Movement]) -> RunwayChange:
    """`movements` must hold those dated after `then.as_of` up to `now.as_of`; others are ignored."""
    if then.as_of >= now.as_of or then.cash.currency != now.cash.currency:
        raise NotLater(f"{now.as_of} {now.cash.currency} does not follow {then.as_of} {then.cash.currency}")
    week = [movement for movement in movements if then.as_of < movement.on <= now.as_of]
    days = _difference(then.without_receipts, now.without_receipts)
    causes = [part for part in _causes(then, now, week) if part.amount]
    parts = causes if days is None else _in_days(causes, then, days)
    return RunwayChange(then.as_of, now.as_of, now.cash.available - then.cash.available, days, tuple(parts))


def _difference(then: Decimal | None, now: Decimal | None) -> Decimal | None:
    return None if then is None or now is None else now - then


def _causes(then: Runway, now: Runway, week: list[Movement]) -> list[Moved]:
    operating = [movement for movement in week if movement.kind is MovementKind.OPERATING]
    posted = sum((movement.amount for movement in week), ZERO)
    return [
        _moved(Cause.RECEIPTS, [movement for movement in operating if movement.amount > 0]),
        _moved(Cause.PAYMENTS, [movement for movement in operating if movement.amount < 0]),
        _moved(Cause.OTHER, [movement for movement in week if movement.kind is not MovementKind.OPERATING]),
        Moved(Cause.NEW_BILLS, then.cash.approved - now.cash.approved, None),
        Moved(Cause.SET_ASIDE, then.cash.set_aside - now.cash.set_aside, None),
        Moved(Cause.RESTATED, now.cash.cash_book - then.cash.cash_book - posted, None),
    ]


def _moved(cause: Cause, movements: list[Movement]) -> Moved:
    total = sum((movement.amount for movement in movements), ZERO)
    return Moved(cause, total, None, tuple(movement.id for movement in movements))


def _in_days(causes: list[Moved], then: Runway, change: Decimal) -> list[Moved]:
    """`change` is known only when there was a burn to measure by."""
    burn = then.burn
    if isinstance(burn, NotEnoughHistory):
        return causes
    dated = [
        Moved(part.cause, part.amount, _rounded(part.amount * burn.days / burn.total_out), part.ids) for part in causes
    ]
    rest = change - sum((part.days for part in dated if part.days is not None), ZERO)
    return [*dated, Moved(Cause.PACE, ZERO, rest)] if rest else dated


def _rounded(days: Decimal) -> Decimal:
    return days.quantize(TENTH, ROUND_HALF_UP)
