"""What an owner would want to be told unasked: found by fixed rules, each with a number and the records behind it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from calculators.flows import Flow, FlowKind
from calculators.habits import Habits
from calculators.inputs import ZERO, Books, OpenBill, OpenInvoice, Tier, home_balance, required
from calculators.lateness import GIVEN_UP_DAYS
from calculators.projection import Projection
from calculators.tiers import effective_tier
from calculators.variance import RunwayChange

MOVED_DAYS: Final = 5
SLOW_DAYS: Final = 14
OWN_OBSERVATIONS: Final = 3
CONCENTRATED: Final = Decimal("0.4")
BURST_BILLS: Final = 3
BURST_DAYS: Final = 7
STALE_DAYS: Final = 7
CITED: Final = 5
CASH_ITSELF: Final = "cash"


class InsightKind(StrEnum):
    """Most pressing first: the order in which they are returned."""

    FLOOR_BREACH = "floor_breach"
    MUST_PAY_IN_TROUGH = "must_pay_in_trough"
    RUNWAY_MOVED = "runway_moved"
    BOOKS_STALE = "books_stale"
    CUSTOMER_SLOW = "customer_slow"
    CUSTOMER_CONCENTRATION = "customer_concentration"
    BILL_BURST = "bill_burst"


@dataclass(frozen=True, slots=True)
class Insight:
    """`evidence` is never empty; `label` is the counterparty, `on` the day of the breach, trough or newest bill.

    `number` by kind, in order: money below the floor; money due in the trough; days moved (signed); days without a
    posting; days beyond the customer's own usual; percent of receivables; bills in seven days.
    """

    kind: InsightKind
    number: Decimal
    evidence: tuple[str, ...]
    label: str = ""
    on: date | None = None


def find_insights(
    books: Books,
    habits: Habits,
    projection: Projection,
    *,
    moved: RunwayChange | None = None,
    last_postings: Mapping[str, date],
) -> tuple[Insight, ...]:
    """All of them, most pressing first; how many are shown is the caller's. `last_postings` by bank account id."""
    found = [
        *_floor_breach(projection),
        *_must_pay_in_trough(books, projection),
        *_runway_moved(moved),
        *_books_stale(last_postings, habits.as_of),
        *_slow_customers(books, habits),
        *_concentration(books),
        *_bursts(required(books.bills, "bills"), habits.as_of),
    ]
    order = list(InsightKind)
    return tuple(sorted(found, key=lambda one: (order.index(one.kind), -abs(one.number), one.label, one.evidence)))


def _floor_breach(projection: Projection) -> Iterator[Insight]:
    """Cites the largest payments up to the day of the breach; cash already below the floor cites the cash itself."""
    view = projection.committed
    on = view.first_below_floor
    if on is not None:
        paid = sorted(
            (flow for flow in view.flows if flow.amount < 0 and flow.on <= on), key=lambda one: (one.amount, one.ref)
        )
        evidence = tuple(dict.fromkeys(flow.ref for flow in paid))[:CITED] or (CASH_ITSELF,)
        yield Insight(InsightKind.FLOOR_BREACH, view.floor - view.low_water.amount, evidence, on=on)


def _must_pay_in_trough(books: Books, projection: Projection) -> Iterator[Insight]:
    """The trough: days that end below the floor, or with less above it than what must be paid on them."""
    view = projection.committed
    must_pay = {bill.id for bill in required(books.bills, "bills") if effective_tier(bill) is Tier.MUST_PAY}
    due: dict[date, list[Flow]] = defaultdict(list)
    for flow in sorted(view.flows, key=lambda one: one.ref):
        if flow.kind is FlowKind.BILL and flow.ref in must_pay:
            due[flow.on].append(flow)
    for on, flows in due.items():
        total = -sum((flow.amount for flow in flows), ZERO)
        if view.curve.on(on) - view.floor < total:
            yield Insight(InsightKind.MUST_PAY_IN_TROUGH, total, tuple(flow.ref for flow in flows), on=on)


def _runway_moved(moved: RunwayChange | None) -> Iterator[Insight]:
    if moved is not None and moved.days is not None and abs(moved.days) >= MOVED_DAYS:
        ids = tuple(id_ for part in moved.parts for id_ in part.ids)
        yield Insight(InsightKind.RUNWAY_MOVED, moved.days, ids or tuple(part.cause for part in moved.parts))


def _books_stale(last_postings: Mapping[str, date], as_of: date) -> Iterator[Insight]:
    for account, last in last_postings.items():
        if (as_of - last).days > STALE_DAYS:
            yield Insight(InsightKind.BOOKS_STALE, Decimal((as_of - last).days), (account,), on=last)


def _slow_customers(books: Books, habits: Habits) -> Iterator[Insight]:
    """Judged only for customers with at least three settled invoices of their own.

    What is more than 180 days past due says more of the books than of the customer, and is an issue of its own.
    """
    usual = habits.customers
    for customer, invoices in _by_customer(books).items():
        if len(usual.observed.get(customer, ())) >= OWN_OBSERVATIONS:
            late = {
                invoice.id: (habits.as_of - invoice.due_date).days
                for invoice in invoices
                if invoice.due_date is not None
            }
            normal = max(0, usual.days(customer))
            beyond = {id_: days - normal for id_, days in late.items() if days <= GIVEN_UP_DAYS}
            slow = sorted((id_ for id_, days in beyond.items() if days >= SLOW_DAYS), key=lambda id_: -beyond[id_])
            if slow:
                number = Decimal(beyond[slow[0]])
                yield Insight(InsightKind.CUSTOMER_SLOW, number, tuple(slow), invoices[0].customer_name)


def _concentration(books: Books) -> Iterator[Insight]:
    """Of all that customers owe: a customer with a credit left owes nothing, and makes nobody's share larger."""
    groups = _by_customer(books)
    owed = {customer: _owed(invoices, books.currency) for customer, invoices in groups.items()}
    nameless = [invoice for invoice in required(books.invoices, "invoices") if invoice.customer_id is None]
    everything = sum(owed.values(), _owed(nameless, books.currency))
    for customer, invoices in groups.items():
        if owed[customer] > 0 and owed[customer] >= CONCENTRATED * everything:
            percent = (100 * owed[customer] / everything).quantize(Decimal(1), ROUND_HALF_UP)
            ids = tuple(invoice.id for invoice in invoices)
            yield Insight(InsightKind.CUSTOMER_CONCENTRATION, percent, ids, invoices[0].customer_name)


def _owed(invoices: Iterable[OpenInvoice], currency: str) -> Decimal:
    return max(ZERO, sum((home_balance(invoice, currency) for invoice in invoices), ZERO))


def _by_customer(books: Books) -> Mapping[str, list[OpenInvoice]]:
    groups: dict[str, list[OpenInvoice]] = defaultdict(list)
    for invoice in sorted(required(books.invoices, "invoices"), key=lambda one: one.id):
        if invoice.customer_id is not None:
            groups[invoice.customer_id].append(invoice)
    return groups


def _bursts(bills: Sequence[OpenBill], as_of: date) -> Iterator[Insight]:
    """Open bills dated within the last seven days."""
    first = as_of - timedelta(days=BURST_DAYS - 1)
    groups: dict[str, list[OpenBill]] = defaultdict(list)
    for bill in sorted(bills, key=lambda one: one.id):
        if bill.vendor_id is not None and bill.txn_date is not None and first <= bill.txn_date <= as_of:
            groups[bill.vendor_id].append(bill)
    for group in groups.values():
        if len(group) >= BURST_BILLS:
            newest = max(bill.txn_date or first for bill in group)
            ids = tuple(bill.id for bill in group)
            yield Insight(InsightKind.BILL_BURST, Decimal(len(group)), ids, group[0].vendor_name, newest)
