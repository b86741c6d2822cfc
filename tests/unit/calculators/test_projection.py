"""The 13 weeks: every rule of what is paid and received when, on books small enough to check by hand."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from calculators.assumptions import AssumptionKind
from calculators.band import Band, BandPoint
from calculators.curve import Curve, Mark
from calculators.flows import FlowKind
from calculators.inputs import Books, Cadence, KnownItem, MissingInput, Movement, Policy
from calculators.projection import When, project
from tests.unit.calculators.books import (
    NEXT_PAY_DAY,
    TODAY,
    bill,
    books,
    day,
    habits_of,
    invoice,
    known,
    moved,
    projected,
    settled,
    usd,
)


def committed(given: Books) -> Curve:
    return projected(given).committed.curve


def test_with_nothing_ahead_the_cash_stays() -> None:
    view = projected(books(500)).committed
    assert view.curve.balances == usd(*[500] * 92)
    assert view.low_water == Mark(Decimal(500), TODAY)
    assert (view.first_below_floor, view.first_below_zero) == (None, None)


def test_bills_leave_at_their_planned_date_and_invoices_come_by_probability() -> None:
    given = books(1000, bills=(bill("b", 300, -3), bill("c", 900, 20)), invoices=(invoice("i", 400, 12),))
    curve = committed(given)
    assert curve.on(TODAY) == 1000
    assert curve.on(NEXT_PAY_DAY) == 700
    assert curve.on(day(12)) == 700 + Decimal("0.95") * 400
    assert curve.on(day(20)) == 180
    assert projected(given).committed.low_water == Mark(Decimal(180), day(20))


def test_what_is_long_overdue_is_not_expected_tomorrow_and_counts_less_with_age() -> None:
    curve = committed(books(0, invoices=(invoice("i", 900, -45),)))
    assert [curve.on(day(offset)) for offset in (0, 8, 9, 46, 47, 91)] == list(usd(0, 0, 243, 243, 486, 486))


def test_invoices_come_as_late_as_their_customer_usually_pays() -> None:
    history = tuple(settled(f"s{n}", -40, 10) for n in range(3))
    given = replace(books(0, invoices=(invoice("i", 100, 5),)), invoice_settlements=history)
    curve = committed(given)
    assert (curve.on(day(14)), curve.on(day(15))) == usd(0, 95)


def test_documents_without_a_due_date_are_read_carefully() -> None:
    undated = replace(invoice("i", 100, None), txn_date=None)
    given = books(1000, bills=(bill("b", 10, None),), invoices=(undated, invoice("j", 100, None)))
    curve = committed(given)
    assert (curve.on(TODAY), curve.on(day(1)), curve.on(day(5))) == usd(1000, 1000 - 10 + 95, 1000 - 10 + 95 + 30)


def test_known_items_repeat_until_their_end_and_are_forgotten_when_past() -> None:
    rent = KnownItem("r", "Rent", day(-19), Decimal(-100), Cadence.MONTHLY, until=day(45))
    curve = committed(books(1000, items=(rent, known("x", 50, 0), known("y", 70, -1))))
    assert (curve.on(TODAY), curve.on(day(91))) == usd(1050, 850)


def test_the_floor_and_zero_are_watched_on_the_committed_view() -> None:
    view = projected(books(100, bills=(bill("b", 80, 5), bill("c", 50, 9)), policy=Policy(Decimal(50)))).committed
    assert (view.first_below_floor, view.first_below_zero) == (day(5), day(9))


def test_checkpoints_are_now_end_of_week_and_2_4_8_13_weeks() -> None:
    view = projected(books(100, bills=(replace(bill("b", 10), planned=TODAY),))).committed
    assert [(point.when, point.on) for point in view.checkpoints] == [
        (When.NOW, TODAY),
        (When.END_OF_WEEK, date(2026, 11, 22)),
        (When.WEEKS_2, day(14)),
        (When.WEEKS_4, day(28)),
        (When.WEEKS_8, day(56)),
        (When.WEEKS_13, day(91)),
    ]
    assert tuple(point.amount for point in view.checkpoints) == usd(100, 90, 90, 90, 90, 90)


def test_each_day_opens_where_the_last_closed_and_lists_what_moved_it() -> None:
    given = books(100, bills=(bill("b", 30, 1),), invoices=(invoice("i", 100, 1),))
    view = projected(given).committed
    row = view.day(day(1))
    assert (row.opening, row.receipts, row.payments, row.closing) == usd(100, 95, 30, 165)
    assert {flow.ref for flow in row.flows} == {"b", "i"}
    assert view.day(TODAY).opening == 100
    with pytest.raises(ValueError, match="not within"):
        view.day(day(92))


def test_flows_beyond_the_horizon_are_out_of_sight() -> None:
    assert projected(books(100, bills=(bill("b", 30, 92),))).committed.flows == ()


@pytest.mark.parametrize(
    "name", ["cash", "bills", "invoices", "movements", "known_items", "bill_settlements", "invoice_settlements"]
)
def test_no_set_may_be_missing(name: str) -> None:
    loaded = books()
    sets = {field.name: getattr(loaded, field.name) for field in fields(loaded)}
    with pytest.raises(MissingInput) as caught:
        projected(Books(**(sets | {name: None})))
    assert caught.value.name.replace(" ", "_") == name


def payroll(count: int = 6) -> tuple[Movement, ...]:
    return tuple(moved(f"p{n}", day(-14 * n - 5), -1000, category="Wages") for n in range(count))


def test_payroll_that_nobody_booked_is_expected_on_its_days() -> None:
    view = projected(books(10_000, movements=payroll())).committed
    recurring = [flow.on for flow in view.flows if flow.kind is FlowKind.RECURRING]
    assert recurring == [day(9 + 14 * n) for n in range(6)]
    assert view.curve.on(day(91)) == 4000


def test_spend_without_rhythm_is_spread_over_the_days_to_the_cent() -> None:
    odd = tuple(moved(f"o{n}", day(-90 + 11 * n), -100 - n, party=f"p{n}") for n in range(9))
    view = projected(books(10_000, movements=odd)).committed
    assert [flow.on for flow in view.flows] == [day(n) for n in range(1, 92)]
    assert view.curve.on(day(91)) == 10_000 - 936


def test_spend_that_came_through_bills_waits_for_bills_in_the_committed_view() -> None:
    rent = tuple(moved(f"r{n}", day(-30 * n - 1), -500, party="landlord", settles=True) for n in range(4))
    given = books(10_000, movements=rent)
    assert projected(given).committed.flows == ()
    trend = [flow for flow in projected(given).at_trend.flows if flow.kind is FlowKind.UNENTERED_BILL]
    assert [flow.on for flow in trend] == [date(2026, 12, 18), date(2027, 1, 18)]
    entered = replace(given, bills=(bill("b", 500, 29, "landlord"),))
    trend = [flow for flow in projected(entered).at_trend.flows if flow.kind is FlowKind.UNENTERED_BILL]
    assert [flow.on for flow in trend] == [date(2027, 1, 18)]


def test_the_view_at_trend_carries_sales_on_and_lets_new_invoices_start_after_the_usual_delay() -> None:
    sales = tuple(moved(f"s{n}", day(-n), 13) for n in (1, 3, 9, 21, 40, 64, 90))
    paid = tuple(moved(f"p{n}", day(-n), 26, party=f"c{n}", settles=True) for n in (2, 5, 11, 30, 52, 70, 88))
    given = replace(books(0, movements=sales + paid), invoice_settlements=(settled("s", -50, 15, party=None),))
    projection = projected(given)
    assert projection.committed.flows == ()
    assert projection.at_trend.curve.on(day(45)) == 45
    assert projection.at_trend.curve.on(day(91)) == 91 + 2 * 46


def test_the_largest_assumptions_name_their_rows() -> None:
    given = books(
        10_000,
        invoices=(invoice("i", 4000, 5), invoice("j", 2000, 9), invoice("k", 100, 5, "c2")),
        bills=(bill("b", 70, None), bill("c", 9000, 5)),
        items=(known("x", -300, 8, "tax"),),
        movements=payroll(),
    )
    assumptions = projected(given).assumptions
    assert [(one.kind, one.ids) for one in assumptions] == [
        (AssumptionKind.SPEND_REPEATS, ("out/operating/account:Wages",)),
        (AssumptionKind.CUSTOMER_PAYS, ("i", "j")),
        (AssumptionKind.NEVER_COLLECTED, ("i", "k", "j")),
        (AssumptionKind.KNOWN_ITEM, ("x",)),
        (AssumptionKind.CUSTOMER_PAYS, ("k",)),
    ]
    assert tuple(one.amount for one in assumptions) == usd(-6000, 5700, -305, -300, 95)


@pytest.mark.parametrize("due", [date(1, 1, 1), date(26, 11, 21), date(9999, 12, 31)])
def test_a_slip_in_the_year_of_a_due_date_costs_no_forecast(due: date) -> None:
    slipped = replace(invoice("i", 100), due_date=due)
    given = books(1000, invoices=(slipped,), bills=(replace(bill("b", 10), due_date=due),))
    late = tuple(settled(f"s{n}", -60, 10 - 20 * (n % 2)) for n in range(8))
    curve = committed(replace(given, invoice_settlements=late, bill_settlements=late))
    assert curve.balances[-1] == (Decimal(1000) if due > TODAY else Decimal(990))


def test_money_that_comes_after_the_13_weeks_is_named_as_left_out() -> None:
    assumptions = projected(books(invoices=(invoice("old", 900, -214), invoice("not due", 900, 100)))).assumptions
    assert [(one.kind, one.ids, one.amount) for one in assumptions] == [
        (AssumptionKind.COLLECTED_LATER, ("old",), Decimal(-600)),
        (AssumptionKind.CUSTOMER_PAYS, ("old",), Decimal(156)),
        (AssumptionKind.NEVER_COLLECTED, ("old",), Decimal(-144)),
    ]


def test_the_band_surrounds_the_view_at_trend() -> None:
    given = books(100)
    band = Band((BandPoint(10, Decimal(20), 9, Decimal(1)), BandPoint(20, Decimal(40), 9, Decimal(1))))
    projection = project(given, habits_of(given), band)
    assert projection.band_on(day(5)) == usd(90, 110)
    assert projection.band_on(day(15)) == usd(70, 130)
    assert projection.band_on(day(90)) == usd(60, 140)
    assert projected(given).band_on(TODAY) is None
