"""The dated flows a projection is made of, each traceable to the record or the rule it comes from."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from calculators.arrival import THIRDS, list_arrivals
from calculators.cadence import repeat
from calculators.claims import Claim
from calculators.inputs import (
    HORIZON_DAYS,
    ZERO,
    Books,
    KnownItem,
    OpenBill,
    cents,
    home_balance,
    required,
    spread,
)
from calculators.lateness import Collection, Lateness, age_of, later
from calculators.pay_days import next_pay_day, planned_date, planned_from


class FlowKind(StrEnum):
    """The last five exist in the view at trend only: nobody has committed to them yet."""

    BILL = "bill"
    INVOICE = "invoice"
    KNOWN = "known"
    RECURRING = "recurring"
    IRREGULAR = "irregular"
    OWNER_DRAW = "owner_draw"
    UNENTERED_BILL = "unentered_bill"
    NEW_BILLS = "new_bills"
    NEW_SALES = "new_sales"
    NEW_INVOICES = "new_invoices"


@dataclass(frozen=True, slots=True)
class Flow:
    """`amount` is signed and expected: for an invoice `face` × `probability`. `ref` is the record, series or rule."""

    kind: FlowKind
    ref: str
    label: str
    on: date
    amount: Decimal
    party_id: str | None = None
    due: date | None = None
    face: Decimal | None = None
    probability: Decimal | None = None


def horizon_end(as_of: date) -> date:
    return as_of + timedelta(days=HORIZON_DAYS)


def bill_flows(books: Books, as_of: date) -> list[Flow]:
    """Each open bill leaves the bank at its planned date."""
    upcoming = next_pay_day(as_of, books.policy)
    return [_bill_flow(bill, books, as_of, upcoming) for bill in required(books.bills, "bills")]


def _bill_flow(bill: OpenBill, books: Books, as_of: date, upcoming: date) -> Flow:
    owed = home_balance(bill, books.currency)
    on = planned_from(bill, as_of, upcoming, books.policy)
    return Flow(FlowKind.BILL, bill.id, bill.vendor_name, on, -owed, bill.vendor_id, bill.due_date)


def usual_bill_flows(books: Books, planned: Iterable[Flow], vendors: Lateness) -> list[Flow]:
    """The `planned` flows of the same bills, undecided ones moved to when this business usually pays that vendor."""
    return [_later(bill, flow, vendors) for bill, flow in zip(required(books.bills, "bills"), planned, strict=True)]


def _later(bill: OpenBill, flow: Flow, vendors: Lateness) -> Flow:
    decided = bill.planned is not None or bill.held_until is not None
    if decided or bill.due_date is None:
        return flow
    usual = later(bill.due_date, vendors.days(bill.vendor_id))
    if usual <= flow.on:
        return flow
    return Flow(flow.kind, flow.ref, flow.label, usual, flow.amount, flow.party_id, flow.due)


def invoice_flows(books: Books, as_of: date, customers: Lateness, collection: Collection) -> Iterator[Flow]:
    """Open balance × probability by age, a third of it on each of the three days its money is likely to arrive.

    The second is due date + the customer's usual lateness; how early and late the others are, and what being past due
    does to all three, says `list_arrivals`. An invoice without due date is taken as due on its own date.
    """
    for invoice in required(books.invoices, "invoices"):
        due = invoice.due_date or invoice.txn_date or as_of
        probability = collection.probability[age_of((as_of - due).days)]
        face = home_balance(invoice, books.currency)
        days = list_arrivals(customers, invoice.customer_id, due, as_of, books.currency)
        faces, amounts = spread(face, THIRDS), spread(cents(face * probability), THIRDS)
        for on in dict.fromkeys(days):
            first, after = bisect_left(days, on), bisect_right(days, on)
            yield Flow(
                kind=FlowKind.INVOICE,
                ref=invoice.id,
                label=invoice.customer_name,
                on=on,
                amount=sum(amounts[first:after], ZERO),
                party_id=invoice.customer_id,
                due=due,
                face=sum(faces[first:after], ZERO),
                probability=probability,
            )


def known_flows(books: Books, as_of: date) -> Iterator[Flow]:
    """Known items from today on; what was expected earlier and is not in the books is no longer counted on."""
    for item in required(books.known_items, "known items"):
        for on in _known_dates(item, horizon_end(as_of)):
            if on >= as_of:
                yield Flow(FlowKind.KNOWN, item.id, item.label, on, item.amount, item.party_id)


def _known_dates(item: KnownItem, end: date) -> Iterable[date]:
    if item.cadence is None:
        return [item.on]
    return repeat(item.cadence, item.on, min(end, item.until) if item.until else end)


def list_claims(books: Books, as_of: date, vendors: Lateness) -> list[Claim]:
    """Bills and known items that may stand for an expected occurrence; a repeating item makes one claim per date."""
    bills = [_bill_claim(bill, books, as_of, vendors) for bill in required(books.bills, "bills")]
    known = [
        Claim(f"{flow.ref}@{flow.on}", flow.on, flow.amount, flow.party_id, flow.label)
        for flow in known_flows(books, as_of)
    ]
    return bills + known


def _bill_claim(bill: OpenBill, books: Books, as_of: date, vendors: Lateness) -> Claim:
    """Dated by due date and habit even if overdue: last month's unpaid bill does not stand for this month's."""
    due = bill.due_date or bill.txn_date or planned_date(bill, as_of, books.policy)
    on = later(due, vendors.days(bill.vendor_id))
    owed, categories = home_balance(bill, books.currency), frozenset(bill.account_names)
    return Claim(bill.id, on, -owed, bill.vendor_id, bill.vendor_name, categories)
