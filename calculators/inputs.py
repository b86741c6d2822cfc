"""What the calculators are fed: the books of one business as frozen values, and errors for what must not be guessed.

Amounts are Decimal in the currency beside them; results are in home currency, halves rounded away from zero to 0.01.
Dates are calendar dates of the business. A set that was not loaded is `None` and raises; an empty tuple is a fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from itertools import pairwise
from typing import TypeVar

CENT = Decimal("0.01")
ZERO = Decimal(0)
HORIZON_DAYS = 91
WINDOW_DAYS = 91

T = TypeVar("T")


class CalculatorError(Exception):
    """A question that has no honest answer from these inputs."""


class MissingInput(CalculatorError):
    """A whole set was never loaded; taking it as empty would invent an answer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the set of {name} was not loaded")
        self.name = name


class MixedCurrencies(CalculatorError):
    """An amount in a foreign currency came without its rate to the home currency."""

    def __init__(self, found: str, home: str, record_id: str) -> None:
        super().__init__(f"{record_id} is in {found} and has no rate to {home}")
        self.found, self.home, self.record_id = found, home, record_id


class AccountKind(StrEnum):
    BANK = "bank"
    UNDEPOSITED = "undeposited"
    CARD = "card"
    RESTRICTED = "restricted"


class MovementKind(StrEnum):
    """Only OPERATING movements count towards burn; the others say nothing about how fast the business spends."""

    OPERATING = "operating"
    OWN_TRANSFER = "own_transfer"
    OWNER_DRAW = "owner_draw"
    OWNER_CONTRIBUTION = "owner_contribution"
    LOAN_PRINCIPAL = "loan_principal"
    ONE_OFF = "one_off"


class MovementSource(StrEnum):
    BILL_PAYMENT = "bill_payment"
    PURCHASE = "purchase"
    PAYMENT = "payment"
    DEPOSIT = "deposit"
    TRANSFER = "transfer"
    JOURNAL_ENTRY = "journal_entry"
    SALES_RECEIPT = "sales_receipt"
    REFUND = "refund"


class Cadence(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMI_MONTHLY = "semi_monthly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Tier(IntEnum):
    MUST_PAY = 1
    KEY = 2
    CAN_WAIT = 3


@dataclass(frozen=True, slots=True)
class CashAccount:
    id: str
    name: str
    kind: AccountKind
    balance: Decimal
    currency: str
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Money in the bank that is spoken for (taxes, deposits of others); home currency."""

    id: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ApprovedPayment:
    """An approved bill that the books do not show as paid yet; home currency."""

    bill_id: str
    label: str
    amount: Decimal
    planned: date


@dataclass(frozen=True, slots=True)
class CashPosition:
    """`accounts` are active ones only; inactive accounts are left out by whoever loads them."""

    accounts: tuple[CashAccount, ...]
    set_aside: tuple[SetAside, ...] = ()
    approved: tuple[ApprovedPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlyDiscount:
    """`percent` of the open balance is saved when paid on or before `until` (2 in "2/10 net 30")."""

    percent: Decimal
    until: date


@dataclass(frozen=True, slots=True)
class OpenBill:
    """`planned` is the pay date of a live approval; `held_until` that of a live hold. At most one is set.

    `tier` is what a person confirmed; without it the one suggested by `account_names` counts, called a suggestion.
    `rate` is home currency per unit of `currency`.
    """

    id: str
    vendor_id: str | None
    vendor_name: str
    balance: Decimal
    currency: str
    txn_date: date | None
    due_date: date | None
    tier: Tier | None = None
    discount: EarlyDiscount | None = None
    planned: date | None = None
    held_until: date | None = None
    account_names: tuple[str, ...] = ()
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    id: str
    customer_id: str | None
    customer_name: str
    balance: Decimal
    currency: str
    txn_date: date | None
    due_date: date | None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of a bank account: positive is money in; home currency.

    `settles_document` says that it paid a bill or collected an invoice. `account_id` and `account_name` are the
    category (what it was for), not the bank account it moved on. Buying on a card moves nothing, paying the card does.
    """

    id: str
    on: date
    amount: Decimal
    kind: MovementKind
    source: MovementSource
    party_id: str | None = None
    party_name: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    settles_document: bool = False


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A future flow nobody has booked: positive is money in; home currency. With `cadence` it repeats to `until`."""

    id: str
    label: str
    on: date
    amount: Decimal
    cadence: Cadence | None = None
    until: date | None = None
    party_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A bill or invoice that is over: paid in full on `closed`, or given up then if `written_off`; home currency."""

    id: str
    party_id: str | None
    issued: date
    due: date | None
    closed: date
    amount: Decimal
    written_off: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """`pay_days` are weekdays, Monday 0. `discount_hurdle` is the yearly return in percent a discount must beat."""

    floor_cash: Decimal = ZERO
    floor_days: int = 14
    pay_days: tuple[int, ...] = (1, 3)
    window_days: int = 30
    discount_hurdle: Decimal = Decimal(12)


@dataclass(frozen=True, slots=True)
class Books:
    """Everything known about one business at one moment. `None` = never loaded."""

    currency: str
    cash: CashPosition | None = None
    bills: tuple[OpenBill, ...] | None = None
    invoices: tuple[OpenInvoice, ...] | None = None
    movements: tuple[Movement, ...] | None = None
    known_items: tuple[KnownItem, ...] | None = None
    bill_settlements: tuple[Settlement, ...] | None = None
    invoice_settlements: tuple[Settlement, ...] | None = None
    policy: Policy = Policy()


def required(value: T | None, name: str) -> T:
    if value is None:
        raise MissingInput(name)
    return value


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def home(amount: Decimal, currency: str, rate: Decimal | None, *, to: str, record_id: str) -> Decimal:
    """`amount` in the home currency `to`."""
    if currency == to:
        return amount
    if rate is None:
        raise MixedCurrencies(currency, to, record_id)
    return cents(amount * rate)


def home_balance(item: CashAccount | OpenBill | OpenInvoice, to: str) -> Decimal:
    return home(item.balance, item.currency, item.rate, to=to, record_id=item.id)


def spread(total: Decimal, parts: int) -> list[Decimal]:
    """`total` in `parts` amounts as equal as cents allow; they add up to `total` exactly."""
    steps = [cents(total * done / parts) for done in range(parts)] + [total]
    return [after - before for before, after in pairwise(steps)]


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle of at least one value; of two middles, their mean."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
