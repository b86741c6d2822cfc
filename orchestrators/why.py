"""The rows behind each figure, with the record that each row comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from calculators import explain
from calculators.cash import Cash
from calculators.data_quality import OpenRecord, measure_quality
from calculators.explain import Explanation
from calculators.flows import Flow, FlowKind
from calculators.inputs import AccountKind, CalculatorError, cents, home_balance, required
from calculators.projection import Projection, View, When
from calculators.runway import Burn
from domains.issues.catalogue import RecordKind
from kit.money import Money, format_money
from orchestrators.desk import Desk
from orchestrators.figures import open_records, runway_line
from orchestrators.references import find_key, ref_of
from orchestrators.results.basis import Condition, RecordRef, Unknown
from orchestrators.results.forecast import Figure, WhyRow

MARKS = {
    Figure.END_OF_WEEK: When.END_OF_WEEK,
    Figure.IN_2_WEEKS: When.WEEKS_2,
    Figure.IN_4_WEEKS: When.WEEKS_4,
    Figure.IN_8_WEEKS: When.WEEKS_8,
    Figure.IN_13_WEEKS: When.WEEKS_13,
}
FLOW_RECORDS = {FlowKind.BILL: RecordKind.BILL, FlowKind.INVOICE: RecordKind.INVOICE}
SCORE_RULE = "The score is six parts their share of the money and four parts their share of the records."
DAYS_RULE = "Days = available cash × days in the window ÷ operating money {} over them."


@dataclass(frozen=True, slots=True)
class Reasoning:
    """`rows` add up to `total`; without a total they are what `number` was computed from."""

    total: Decimal | None
    number: Decimal | None
    rule: str
    rows: tuple[WhyRow, ...]


Answer = Reasoning | Condition


def reason_for(desk: Desk, figure: Figure) -> Answer:
    try:
        return REASONS[figure](desk, figure)
    except CalculatorError as error:
        return Condition(Unknown.MISSING_RATE, str(error))


def openable(desk: Desk) -> tuple[Figure, ...]:
    """Those with rows behind them."""
    return tuple(figure for figure in Figure if not isinstance(reason_for(desk, figure), Condition))


def _cash_book(desk: Desk, _figure: Figure) -> Answer:
    cash = desk.reckoning.cash
    if not isinstance(cash, Cash):
        return cash
    found = explain.explain_cash_book(desk.reckoning.books, cash.cash_book)
    return _reasoning(desk, found, [ref_of(RecordKind.ACCOUNT, row.id) for row in found.rows])


def _available(desk: Desk, _figure: Figure) -> Answer:
    cash, books = desk.reckoning.cash, desk.reckoning.books
    if not isinstance(cash, Cash):
        return cash
    found, position = explain.explain_available(books, cash.available), required(books.cash, "cash")
    banks = sum(one.kind is AccountKind.BANK for one in position.accounts)
    records: list[RecordRef | None] = [ref_of(RecordKind.ACCOUNT, row.id) for row in found.rows[:banks]]
    records += [None for _ in position.set_aside]
    records += [ref_of(RecordKind.BILL, one.bill_id) for one in position.approved]
    return _reasoning(desk, found, records)


def _burn(desk: Desk, figure: Figure) -> Answer:
    runway = desk.reckoning.runway
    if isinstance(runway, Condition):
        return runway
    if not isinstance(runway.burn, Burn):
        return _not_enough(desk)
    found = BURNS[figure](runway.burn)
    movements = {one.id: one for one in desk.shelf.movements}
    moved = [movements.get(row.id) for row in found.rows]
    return _reasoning(desk, found, [ref_of(RecordKind(one.entity), one.record_id) if one else None for one in moved])


BURNS: dict[Figure, Callable[[Burn], Explanation]] = {
    Figure.GROSS_BURN: explain.explain_gross_burn,
    Figure.CASH_IN: explain.explain_cash_in,
    Figure.NET_BURN: explain.explain_net_burn,
}


def _runway(desk: Desk, figure: Figure) -> Answer:
    """Two rows that can be opened themselves: the cash and what it is divided by."""
    runway = desk.reckoning.runway
    if isinstance(runway, Condition):
        return runway
    burn = runway.burn
    if not isinstance(burn, Burn):
        return _not_enough(desk)
    net = figure is Figure.RUNWAY_AT_TREND
    spent = burn.total_out - burn.total_in if net else burn.total_out
    label = f"Operating money out{' less in' if net else ''}, {burn.days} days"
    rows = (
        WhyRow("Available cash", runway.as_of, Money(runway.cash.available, desk.currency), None),
        WhyRow(label, burn.end, Money(spent, desk.currency), None),
    )
    number = runway.at_trend if net else runway.without_receipts
    return Reasoning(None, number, DAYS_RULE.format("out less in" if net else "out"), rows)


def _not_enough(desk: Desk) -> Condition:
    line = runway_line(desk)
    return line if isinstance(line, Condition) else Condition(Unknown.NOT_ENOUGH_HISTORY)


def _balance(desk: Desk, figure: Figure) -> Answer:
    """The low-water mark and the balances of the table: committed flows up to their day."""
    projection = desk.reckoning.projection
    if not isinstance(projection, Projection):
        return projection
    view = projection.committed
    if figure is Figure.LOW_WATER:
        on = view.low_water.on
    else:
        on = next(one.on for one in view.checkpoints if one.when is MARKS[figure])
    found = explain.explain_balance(view, on)
    flows = _flows_until(view, found)
    labels = [found.rows[0].label, *(_flow_label(flow, desk) for flow in flows)]
    return _reasoning(desk, found, [None, *map(_flow_record, flows)], labels)


def _flows_until(view: View, found: Explanation) -> list[Flow]:
    """The flows in the order of the rows: `explain_balance` sorts them so, behind the cash now."""
    ordered = sorted(view.flows, key=lambda flow: (flow.on, flow.kind, flow.ref))
    return ordered[: len(found.rows) - 1]


def _flow_label(flow: Flow, desk: Desk) -> str:
    """What is expected of an invoice is part of it, at the odds for its age."""
    if flow.face is None or flow.probability is None:
        return flow.label
    return f"{flow.label}, {flow.probability * 100:.0f} % of {format_money(Money(flow.face, desk.currency))}"


def _flow_record(flow: Flow) -> RecordRef | None:
    kind = FLOW_RECORDS.get(flow.kind)
    return ref_of(kind, flow.ref) if kind else None


def _open(desk: Desk, figure: Figure) -> Answer:
    books = desk.reckoning.books
    bills = figure is Figure.OPEN_BILLS
    records = required(books.bills, "bills") if bills else required(books.invoices, "invoices")
    total = sum((home_balance(one, books.currency) for one in records), Decimal(0))
    found = explain.explain_open_bills(books, total) if bills else explain.explain_open_invoices(books, total)
    kind = RecordKind.BILL if bills else RecordKind.INVOICE
    return _reasoning(desk, found, [ref_of(kind, row.id) for row in found.rows])


def _quality(desk: Desk, _figure: Figure) -> Answer:
    records = open_records(desk)
    if records is None:
        return Condition(Unknown.MISSING_RATE)
    quality = measure_quality(records)
    if quality.score is None:
        return Condition(Unknown.EMPTY_BOOKS, "open records")
    found = explain.explain_clean_balance(records, quality.clean_balance)
    rows = tuple(_quality_row(desk, one) for one in records)
    return Reasoning(quality.clean_balance, Decimal(quality.score), f"{found.rule} {SCORE_RULE}", rows)


def _quality_row(desk: Desk, one: OpenRecord) -> WhyRow:
    key = find_key(one.id)
    if key is None:
        raise ValueError(one.id)
    if key.kind is RecordKind.BILL:
        bill = desk.shelf.bills[key.qbo_id]
        party, due = bill.vendor_name, bill.due_date
    else:
        invoice = desk.shelf.invoices[key.qbo_id]
        party, due = invoice.customer_name, invoice.due_date
    counted = Money(Decimal(0) if one.unclean else abs(one.balance), desk.currency)
    label = f"{party or 'without a name'}{', not counted as it has an issue' if one.unclean else ''}"
    return WhyRow(label, due, counted, ref_of(key.kind, key.qbo_id))


def _reasoning(
    desk: Desk, found: Explanation, records: Iterable[RecordRef | None], labels: Iterable[str] | None = None
) -> Reasoning:
    named = labels or (row.label for row in found.rows)
    rows = tuple(
        WhyRow(label, row.on, Money(row.amount, desk.currency), record)
        for row, record, label in zip(found.rows, records, named, strict=True)
    )
    per_day = cents(found.total / found.days) if found.days > 1 else None
    rule = f"{found.rule} Per day: the total ÷ {found.days} days." if found.days > 1 else found.rule
    return Reasoning(found.total, per_day, rule, rows)


REASONS: dict[Figure, Callable[[Desk, Figure], Answer]] = {
    Figure.CASH_BOOK: _cash_book,
    Figure.AVAILABLE: _available,
    **dict.fromkeys(BURNS, _burn),
    Figure.RUNWAY_WITHOUT_RECEIPTS: _runway,
    Figure.RUNWAY_AT_TREND: _runway,
    **dict.fromkeys((Figure.LOW_WATER, *MARKS), _balance),
    Figure.OPEN_BILLS: _open,
    Figure.OPEN_INVOICES: _open,
    Figure.DATA_QUALITY: _quality,
}
