"""Which records can be decided now: the ready rules, and the law that every open bill stands in exactly one place."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domains.bills import Bill
from domains.invoices import Invoice

WINDOW = timedelta(days=30)
COMING = timedelta(days=7)
COLLECT_AFTER = timedelta(days=30)


class Place(StrEnum):
    READY = "ready"
    BLOCKED = "blocked"
    DECIDED = "decided"
    BEYOND = "beyond"


def place_bill(bill: Bill, *, blocked: Collection[str], decided: Collection[str], today: date) -> Place:
    """`blocked`: ids with an undismissed blocking issue. `decided`: ids with a live decision, a hold included."""
    if bill.id in decided:
        return Place.DECIDED
    if bill.id in blocked or bill.balance <= 0:
        return Place.BLOCKED
    in_window = bill.due_date is None or bill.due_date <= today + WINDOW
    return Place.READY if in_window else Place.BEYOND


def partition(
    bills: Iterable[Bill], *, blocked: Collection[str], decided: Collection[str], today: date
) -> dict[Place, list[Bill]]:
    places: dict[Place, list[Bill]] = {place: [] for place in Place}
    for bill in bills:
        places[place_bill(bill, blocked=blocked, decided=decided, today=today)].append(bill)
    return places


def is_invoice_ready(invoice: Invoice, *, blocked: Collection[str], today: date) -> bool:
    """Past due by a day or more, or due within 7 days."""
    if invoice.id in blocked or invoice.balance <= 0:
        return False
    return invoice.due_date is not None and invoice.due_date <= today + COMING


def is_to_collect(invoice: Invoice, *, home_balance: Decimal | None, significant: Decimal, today: date) -> bool:
    """At least 30 days past due, or past due with a significant amount."""
    if invoice.due_date is None or invoice.due_date >= today:
        return False
    large = home_balance is not None and home_balance >= significant
    return large or today - invoice.due_date >= COLLECT_AFTER
