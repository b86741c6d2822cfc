"""What settles bills and invoices: payments and credits, and what of them is not applied yet."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Applied:
    """Part of a payment that settles one document; `entity` is Bill, Invoice, VendorCredit, CreditMemo and so on."""

    entity: str
    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BillPayment:
    """Money that the books say went out for bills. `method` is Check or CreditCard; `account_id` the bank or card."""

    id: str
    vendor_id: str | None
    date: date | None
    total: Decimal
    currency: str
    exchange_rate: Decimal | None
    method: str | None
    account_id: str | None
    doc_number: str | None
    applied: tuple[Applied, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from a customer; `unapplied` is what no invoice took yet."""

    id: str
    customer_id: str | None
    customer_name: str | None
    date: date | None
    total: Decimal
    unapplied: Decimal
    currency: str
    exchange_rate: Decimal | None
    deposit_account_id: str | None
    applied: tuple[Applied, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class VendorCredit:
    """`remaining` is what no bill took yet. QuickBooks may leave it out: then it is what the links leave."""

    id: str
    vendor_id: str | None
    vendor_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    remaining: Decimal
    currency: str
    exchange_rate: Decimal | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """`remaining` is what no invoice took yet."""

    id: str
    customer_id: str | None
    customer_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    remaining: Decimal
    currency: str
    exchange_rate: Decimal | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """A bill or invoice that is over: its last payment, or given up when only credits closed it; home currency."""

    id: str
    party_id: str | None
    issued: date
    due: date | None
    closed: date
    amount: Decimal
    written_off: bool
