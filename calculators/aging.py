"""Receivables and payables by days past due, and how many days of business they stand for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from calculators.inputs import WINDOW_DAYS, ZERO, OpenBill, OpenInvoice, Settlement, home_balance
from calculators.lateness import Age, age_of

TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Bucket:
    age: Age
    total: Decimal
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aging:
    """All five buckets in order; they add up to `total`. `undated_ids` had no due date and stand under current."""

    as_of: date
    total: Decimal
    buckets: tuple[Bucket, ...]
    undated_ids: tuple[str, ...]


def age_items(items: Iterable[OpenBill] | Iterable[OpenInvoice], as_of: date, currency: str) -> Aging:
    """Open balances in the home `currency` by days past due; credits reduce their bucket."""
    listed: Sequence[OpenBill | OpenInvoice] = list(items)
    found: dict[Age, list[OpenBill | OpenInvoice]] = {age: [] for age in Age}
    for item in listed:
        found[age_of((as_of - (item.due_date or as_of)).days)].append(item)
    buckets = tuple(_bucket(age, found[age], currency) for age in Age)
    undated = tuple(item.id for item in listed if item.due_date is None)
    return Aging(as_of, sum((bucket.total for bucket in buckets), ZERO), buckets, undated)


def _bucket(age: Age, items: Sequence[OpenBill | OpenInvoice], currency: str) -> Bucket:
    total = sum((home_balance(item, currency) for item in items), ZERO)
    return Bucket(age, total, tuple(item.id for item in items))


def days_outstanding(
    items: Iterable[OpenBill] | Iterable[OpenInvoice], settlements: Iterable[Settlement], as_of: date, currency: str
) -> Decimal | None:
    """Open balance ÷ documents issued in the last 91 days × 91, to 0.1 day; None when none were issued.

    On invoices this is days sales outstanding, on bills days payables outstanding (on purchases by bill, not on cost of
    goods sold, which cash books do not tell reliably). Issued = settled documents at full amount + open ones at their
    open balance, as the part already paid of an open document is not in these inputs.
    """
    start = as_of - timedelta(days=WINDOW_DAYS)
    open_items: list[tuple[date | None, Decimal]] = [(item.txn_date, home_balance(item, currency)) for item in items]
    closed = [(one.issued, one.amount) for one in settlements if one.closed <= as_of]
    issued = sum((amount for on, amount in [*open_items, *closed] if on is not None and start < on <= as_of), ZERO)
    if issued <= 0:
        return None
    owed = sum((amount for _, amount in open_items), ZERO)
    return (owed * WINDOW_DAYS / issued).quantize(TENTH, ROUND_HALF_UP)
