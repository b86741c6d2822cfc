"""A desk's figures in the shape that answers carry: calculators' decimals become money, gaps stay named gaps."""

from collections.abc import Iterable
from decimal import Decimal

from calculators.cash import Cash
from calculators.data_quality import OpenRecord, measure_quality
from calculators.habits import Habits
from calculators.projection import Projection, View
from calculators.runway import NotEnoughHistory, Runway, Status
from domains.bills import Bill
from domains.decisions import Phase
from domains.invoices import Invoice
from domains.issues.catalogue import Issue, RecordKind, Severity
from domains.issues.ledger import home_open
from domains.issues.ready import Place
from domains.item_states import ItemStatus
from kit.money import Money
from orchestrators.desk import Desk
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.headline import CashLine, DeskCounts, HeadlineResult, LowWater, RunwayLine


def headline_of(desk: Desk) -> HeadlineResult:
    runway = desk.reckoning.runway
    return HeadlineResult(
        health=desk.health,
        status=runway.status if isinstance(runway, Runway) else Status.UNKNOWN,
        cash=cash_line(desk),
        runway=runway_line(desk),
        low_water=low_water(desk),
        counts=counts_of(desk),
        data_quality=data_quality(desk),
        expected_low=expected_low(desk),
    )


def cash_line(desk: Desk) -> CashLine | Condition:
    cash = desk.reckoning.cash
    if not isinstance(cash, Cash):
        return cash
    pots = (
        cash.cash_book,
        cash.set_aside,
        cash.approved,
        cash.available,
        cash.undeposited,
        cash.cards,
        cash.restricted,
    )
    return CashLine(*(Money(amount, desk.currency) for amount in pots))


def runway_line(desk: Desk) -> RunwayLine | Condition:
    runway = desk.reckoning.runway
    if isinstance(runway, Condition):
        return runway
    burn = runway.burn
    if isinstance(burn, NotEnoughHistory):
        return Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=burn.days_known, days_needed=burn.days_needed)
    return RunwayLine(
        without_receipts=runway.without_receipts,
        at_trend=runway.at_trend,
        gross_burn=Money(burn.gross_burn, desk.currency),
        cash_in=Money(burn.cash_in, desk.currency),
        net_burn=Money(burn.net_burn, desk.currency),
        window_days=burn.days,
    )


def low_water(desk: Desk) -> LowWater | Condition:
    projection = desk.reckoning.projection
    return low_water_of(projection.committed, desk) if isinstance(projection, Projection) else projection


def expected_low(desk: Desk) -> Money | None:
    """None while no pace is known: both views would be the same."""
    projection, habits = desk.reckoning.projection, desk.reckoning.habits
    if not isinstance(projection, Projection) or not isinstance(habits, Habits) or habits.irregular is None:
        return None
    return Money(projection.at_trend.low_water.amount, desk.currency)


def low_water_of(view: View, desk: Desk) -> LowWater:
    return LowWater(
        balance=Money(view.low_water.amount, desk.currency),
        on=view.low_water.on,
        first_below_floor=view.first_below_floor,
        first_below_zero=view.first_below_zero,
        floor=Money(desk.rules.floor_cash, desk.currency),
    )


def counts_of(desk: Desk) -> DeskCounts:
    places = dict.fromkeys(Place, 0)
    for bill in desk.shelf.bills.values():
        places[desk.place(bill)] += 1
    tray = desk.in_tray()
    return DeskCounts(
        tray=len(tray),
        tray_blocking=sum(issue.blocks for issue in tray),
        bills_blocked=places[Place.BLOCKED],
        bills_ready=places[Place.READY],
        bills_decided=places[Place.DECIDED],
        bills_beyond=places[Place.BEYOND],
        invoices_ready=len(desk.ready_invoices()),
        invoices_blocked=len(desk.blocked_invoices & desk.shelf.invoices.keys()),
        paylist=sum(one.phase is Phase.APPROVED for one in desk.decisions.values()),
    )


def data_quality(desk: Desk) -> int | None:
    """None when nothing is open, or when an open balance has no rate to be weighed with."""
    records = open_records(desk)
    return None if records is None else measure_quality(records).score


def open_records(desk: Desk) -> list[OpenRecord] | None:
    """Bills, then invoices. None when an open balance has no rate."""
    unclean = unclean_records(desk.issues, desk)
    documents: list[tuple[RecordKind, Bill | Invoice]] = [
        *((RecordKind.BILL, bill) for bill in desk.shelf.bills.values()),
        *((RecordKind.INVOICE, invoice) for invoice in desk.shelf.invoices.values()),
    ]
    records: list[OpenRecord] = []
    for kind, record in documents:
        balance = home_open(record, desk.currency)
        if balance is None:
            return None
        records.append(OpenRecord(ref_of(kind, record.id).ref, balance, (kind, record.id) in unclean))
    return records


def unclean_records(issues: Iterable[Issue], desk: Desk) -> set[tuple[RecordKind, str]]:
    """With an undismissed issue of medium severity or above."""
    return {
        (issue.key.kind, issue.key.qbo_id)
        for issue in issues
        if issue.severity is not Severity.LOW and desk.status(issue) is not ItemStatus.DISMISSED
    }


def money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
