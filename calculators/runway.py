"""How long the money lasts: burn over 91 days of actual movements, the two runway figures and the status."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from calculators.cash import Cash, count_cash
from calculators.inputs import WINDOW_DAYS, ZERO, Books, Movement, MovementKind, cents, required

MIN_HISTORY_DAYS = 28
TENTH = Decimal("0.1")


class Status(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    HEALTHY = "healthy"
    STRONG = "strong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NotEnoughHistory:
    """A burn rate from fewer than 28 days of books would be an invention."""

    days_known: int
    days_needed: int = MIN_HISTORY_DAYS


@dataclass(frozen=True, slots=True)
class Burn:
    """Operating money out and in over `days` days up to and including `end`, with the movements behind each total.

    `days` is 91, or the age of the books when they are younger. Totals are positive; per-day figures are rounded to
    cents and only for people: runway divides by the totals.
    """

    start: date
    end: date
    days: int
    total_out: Decimal
    total_in: Decimal
    spent: tuple[Movement, ...]
    received: tuple[Movement, ...]
    excluded: tuple[Movement, ...]

    @property
    def gross_burn(self) -> Decimal:
        return cents(self.total_out / self.days)

    @property
    def cash_in(self) -> Decimal:
        return cents(self.total_in / self.days)

    @property
    def net_burn(self) -> Decimal:
        return cents((self.total_out - self.total_in) / self.days)


@dataclass(frozen=True, slots=True)
class Runway:
    """Days are rounded down to 0.1, so that no day is promised that is not there; 0 means the money is gone.

    `without_receipts` is None when nothing was spent in the window; `at_trend` is None when the business is
    cash-positive at trend. Both None with a `NotEnoughHistory` burn mean unknown.
    """

    as_of: date
    cash: Cash
    burn: Burn | NotEnoughHistory
    without_receipts: Decimal | None
    at_trend: Decimal | None
    status: Status


def measure_burn(movements: tuple[Movement, ...] | None, as_of: date) -> Burn | NotEnoughHistory:
    """Own transfers, owner draws and contributions, loan principal and one-offs are left out and listed as excluded."""
    loaded = required(movements, "movements")
    return burn_over(count_days_known(loaded, as_of), loaded, as_of)


def burn_over(days_known: int, movements: Iterable[Movement], as_of: date) -> Burn | NotEnoughHistory:
    """For who has the movements of at least the last `days_known` days at hand; others are left out."""
    if days_known < MIN_HISTORY_DAYS:
        return NotEnoughHistory(days_known)
    start = as_of - timedelta(days=days_known - 1)
    window = [movement for movement in movements if start <= movement.on <= as_of]
    if not window:  # books that nobody keeps, not a business that spends nothing
        return NotEnoughHistory(0)
    operating = [movement for movement in window if movement.kind is MovementKind.OPERATING]
    spent = [movement for movement in operating if movement.amount < 0]
    received = [movement for movement in operating if movement.amount > 0]
    return Burn(
        start=start,
        end=as_of,
        days=days_known,
        total_out=-sum([movement.amount for movement in spent], ZERO),
        total_in=sum([movement.amount for movement in received], ZERO),
        spent=tuple(spent),
        received=tuple(received),
        excluded=tuple(movement for movement in window if movement.kind is not MovementKind.OPERATING),
    )


def count_days_known(movements: Sequence[Movement], as_of: date) -> int:
    """Age of the books in days with today, at most the 91 of the window."""
    opened = as_of - timedelta(days=WINDOW_DAYS - 1)
    if any(movement.on <= opened for movement in movements):
        return WINDOW_DAYS
    first = min((movement.on for movement in movements if movement.on <= as_of), default=None)
    return 0 if first is None else (as_of - first).days + 1


def calculate_runway(books: Books, as_of: date, *, first_below_floor: date | None = None) -> Runway:
    """`first_below_floor` is the projection's; within 14 days it makes the status critical whatever the runway is."""
    cash = count_cash(books)
    burn = measure_burn(books.movements, as_of)
    if isinstance(burn, NotEnoughHistory):
        known = status_of(None, as_of, first_below_floor, known=False)
        return Runway(as_of, cash, burn, None, None, known)
    without_receipts = runway_days(cash.available, burn.total_out, burn.days)
    at_trend = runway_days(cash.available, burn.total_out - burn.total_in, burn.days)
    status = status_of(without_receipts, as_of, first_below_floor, known=True)
    return Runway(as_of, cash, burn, without_receipts, at_trend, status)


def runway_days(available: Decimal, total_burned: Decimal, days: int) -> Decimal | None:
    """Days until `available` is used up at `total_burned` per `days` days; None when nothing is burned."""
    if total_burned <= 0:
        return None
    return max(ZERO, available * days / total_burned).quantize(TENTH, ROUND_FLOOR)


def status_of(without_receipts: Decimal | None, as_of: date, first_below_floor: date | None, *, known: bool) -> Status:
    """Judged on the runway without receipts: a status must not rest on money that others have not paid yet."""
    if first_below_floor is not None and first_below_floor <= as_of + timedelta(days=14):
        return Status.CRITICAL
    if not known:
        return Status.UNKNOWN
    if without_receipts is None or without_receipts >= 90:
        return Status.STRONG
    if without_receipts < 14:
        return Status.CRITICAL
    return Status.WARNING if without_receipts < 30 else Status.HEALTHY
