"""The answer to "are we okay": what `/runway`, App Home and the digest open with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from calculators.runway import Status
from kit.money import Money
from orchestrators.results.basis import Condition, Health


@dataclass(frozen=True, slots=True)
class CashLine:
    """`available` = cash_book − set_aside − approved (not yet verified). The other pots stand beside it."""

    cash_book: Money
    set_aside: Money
    approved: Money
    available: Money
    undeposited: Money
    cards: Money
    restricted: Money


@dataclass(frozen=True, slots=True)
class RunwayLine:
    """Days, rounded down to 0.1. `at_trend` None: cash-positive at trend; `without_receipts` None: nothing spent."""

    without_receipts: Decimal | None
    at_trend: Decimal | None
    gross_burn: Money
    cash_in: Money
    net_burn: Money
    window_days: int


@dataclass(frozen=True, slots=True)
class LowWater:
    """Lowest projected balance in the next 13 weeks, the day it is reached, and what it crosses on the way."""

    balance: Money
    on: date
    first_below_floor: date | None
    first_below_zero: date | None
    floor: Money


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """The partition of open bills (blocked + ready + decided + beyond = open), and the rest of the queue."""

    tray: int
    tray_blocking: int
    bills_blocked: int
    bills_ready: int
    bills_decided: int
    bills_beyond: int
    invoices_ready: int
    invoices_blocked: int
    paylist: int

    @property
    def open_bills(self) -> int:
        return self.bills_blocked + self.bills_ready + self.bills_decided + self.bills_beyond

    @property
    def console(self) -> int:
        return self.bills_ready + self.invoices_ready


@dataclass(frozen=True, slots=True)
class HeadlineResult:
    """Each part is a value or the named reason why there is none. `data_quality` None = no open records.

    `low_water` counts what is in the books; `expected_low` is the lowest balance at the pace of the last 91 days, None
    without a pace.
    """

    health: Health
    status: Status
    cash: CashLine | Condition
    runway: RunwayLine | Condition
    low_water: LowWater | Condition
    counts: DeskCounts
    data_quality: int | None
    expected_low: Money | None = None
