"""What the predicates look at: one business's records as frozen values, and the fingerprint of what was judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from domains.balances import AccountBalance
from domains.bills import Bill
from domains.invoices import Invoice
from domains.parties import Customer, Vendor
from domains.payments import CreditMemo, Payment, VendorCredit
from domains.purchases import Purchase


@dataclass(frozen=True, slots=True)
class MirrorHealth:
    """`stale_days`: whole days since the oldest good sync when that is beyond the hard limit, else None.

    `failed_run` identifies the last run when it failed: another failure is another issue to dismiss.
    """

    stale_days: int | None = None
    stale_since: str = ""
    failed_run: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """`bills` and `invoices` are the open ones. `paid_bills` and `purchases` are what a bill may be the twin of.

    `names_read`: vendors and customers were read once; before that an unknown name says nothing about the books.
    """

    today: date
    currency: str
    bills: tuple[Bill, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    paid_bills: tuple[Bill, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    vendors: Mapping[str, Vendor] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)
    payments: tuple[Payment, ...] = ()
    credit_memos: tuple[CreditMemo, ...] = ()
    vendor_credits: tuple[VendorCredit, ...] = ()
    accounts: tuple[AccountBalance, ...] = ()
    mirror: MirrorHealth = MirrorHealth()
    names_read: bool = True
    defaulted_due_over: Decimal = Decimal(1_000)


def fingerprint(*judged: object) -> str:
    """Of the judged fields. Decimals are compared by value: 100 and 100.00 are the same amount."""
    parts = [str(part.normalize()) if isinstance(part, Decimal) else str(part) for part in judged]
    return blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def home_open(record: Bill | Invoice, currency: str) -> Decimal | None:
    """The open balance in the business's own currency; None when the books hold no rate."""
    if record.currency == currency:
        return record.balance
    return None if record.exchange_rate is None else record.home_balance
