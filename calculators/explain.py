"""The rows behind every figure: whatever is shown can be opened into what it is made of, and the rows add up to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from calculators.data_quality import OpenRecord
from calculators.inputs import ZERO, AccountKind, Books, CalculatorError, Movement, home_balance, required
from calculators.projection import View
from calculators.runway import Burn


class Figure(StrEnum):
    CASH_BOOK = "cash_book"
    AVAILABLE = "available"
    GROSS_BURN = "gross_burn"
    CASH_IN = "cash_in"
    NET_BURN = "net_burn"
    BALANCE = "balance"
    OPEN_BILLS = "open_bills"
    OPEN_INVOICES = "open_invoices"
    CLEAN_BALANCE = "clean_balance"


RULES = {
    Figure.CASH_BOOK: "Book balances of active bank accounts; undeposited funds, cards and restricted accounts apart.",
    Figure.AVAILABLE: "Bank balances less money set aside and bills approved but not yet seen paid.",
    Figure.GROSS_BURN: "Operating money out in the window: no own transfers, owner draws, loan principal or one-offs.",
    Figure.CASH_IN: "Operating money in within the window: no own transfers, contributions, loans or one-offs.",
    Figure.NET_BURN: "Operating money out less operating money in, over the window.",
    Figure.BALANCE: (
        "Cash now and every projected receipt and payment up to the day. An invoice counts at the odds for its age, a"
        " third each on an early, a usual and a late day for this customer; past due, only delays longer still count."
    ),
    Figure.OPEN_BILLS: "Open balances of bills, in home currency.",
    Figure.OPEN_INVOICES: "Open balances of invoices, in home currency.",
    Figure.CLEAN_BALANCE: "Open records without an undismissed issue of medium severity or above, by size.",
}


class DoesNotAddUp(CalculatorError):
    """The rows found do not make the figure: it must not be shown as explained."""

    def __init__(self, figure: Figure, total: Decimal, rows: Decimal) -> None:
        super().__init__(f"{figure} is {total}, its rows make {rows}")
        self.figure, self.total, self.rows = figure, total, rows


@dataclass(frozen=True, slots=True)
class Row:
    """One summand: `id` is that of the record, account, series or rule it comes from."""

    id: str
    label: str
    on: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """`total` is the sum of `rows`. Per-day figures are `total` ÷ `days`; `days` is 1 for the others."""

    figure: Figure
    rule: str
    total: Decimal
    days: int
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        found = sum((row.amount for row in self.rows), ZERO)
        if found != self.total:
            raise DoesNotAddUp(self.figure, self.total, found)


@dataclass(frozen=True, slots=True)
class RunwayExplanation:
    """Days = `cash.total` × `burn.days` ÷ `burn.total`."""

    cash: Explanation
    burn: Explanation


def explain_cash_book(books: Books, total: Decimal) -> Explanation:
    return _explanation(Figure.CASH_BOOK, total, _bank_rows(books))


def explain_available(books: Books, total: Decimal) -> Explanation:
    position = required(books.cash, "cash")
    aside = [Row(item.id, item.label, None, -item.amount) for item in position.set_aside]
    approved = [Row(item.bill_id, item.label, item.planned, -item.amount) for item in position.approved]
    return _explanation(Figure.AVAILABLE, total, [*_bank_rows(books), *aside, *approved])


def _bank_rows(books: Books) -> list[Row]:
    return [
        Row(account.id, account.name, None, home_balance(account, books.currency))
        for account in required(books.cash, "cash").accounts
        if account.kind is AccountKind.BANK
    ]


def explain_gross_burn(burn: Burn) -> Explanation:
    return _explanation(Figure.GROSS_BURN, burn.total_out, _movement_rows(burn.spent, -1), burn.days)


def explain_cash_in(burn: Burn) -> Explanation:
    return _explanation(Figure.CASH_IN, burn.total_in, _movement_rows(burn.received, 1), burn.days)


def explain_net_burn(burn: Burn) -> Explanation:
    rows = _movement_rows((*burn.spent, *burn.received), -1)
    return _explanation(Figure.NET_BURN, burn.total_out - burn.total_in, rows, burn.days)


def _movement_rows(movements: Iterable[Movement], sign: int) -> list[Row]:
    return [
        Row(movement.id, movement.party_name or movement.account_name or "", movement.on, sign * movement.amount)
        for movement in movements
    ]


def explain_without_receipts(books: Books, available: Decimal, burn: Burn) -> RunwayExplanation:
    return RunwayExplanation(explain_available(books, available), explain_gross_burn(burn))


def explain_at_trend(books: Books, available: Decimal, burn: Burn) -> RunwayExplanation:
    return RunwayExplanation(explain_available(books, available), explain_net_burn(burn))


def explain_balance(view: View, on: date) -> Explanation:
    """A projected balance, the low-water mark among them: cash now and all flows up to and including `on`, by date."""
    opening = Row("cash", "Cash now", view.curve.as_of, view.opening)
    flows = sorted((flow for flow in view.flows if flow.on <= on), key=lambda flow: (flow.on, flow.kind, flow.ref))
    rows = [opening, *(Row(flow.ref, flow.label, flow.on, flow.amount) for flow in flows)]
    return _explanation(Figure.BALANCE, view.curve.on(on), rows)


def explain_open_bills(books: Books, total: Decimal) -> Explanation:
    rows = [
        Row(bill.id, bill.vendor_name, bill.due_date, home_balance(bill, books.currency))
        for bill in required(books.bills, "bills")
    ]
    return _explanation(Figure.OPEN_BILLS, total, rows)


def explain_open_invoices(books: Books, total: Decimal) -> Explanation:
    rows = [
        Row(invoice.id, invoice.customer_name, invoice.due_date, home_balance(invoice, books.currency))
        for invoice in required(books.invoices, "invoices")
    ]
    return _explanation(Figure.OPEN_INVOICES, total, rows)


def explain_clean_balance(records: Iterable[OpenRecord], total: Decimal) -> Explanation:
    """The money part of data quality; unclean records stand among the rows with 0, so that all are seen."""
    rows = [Row(record.id, "", None, ZERO if record.unclean else abs(record.balance)) for record in records]
    return _explanation(Figure.CLEAN_BALANCE, total, rows)


def _explanation(figure: Figure, total: Decimal, rows: Iterable[Row], days: int = 1) -> Explanation:
    return Explanation(figure, RULES[figure], total, days, tuple(rows))
