"""The forecast against what happened, on two dozen made-up companies, with nothing known that was not known then."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from calculators.backtest import Backtest, backtest, due_date_curve, flat_curve
from calculators.grading import Accuracy, Grade, measure_accuracy
from calculators.inputs import Policy
from calculators.replay import BeforeTheBooks, DatedBooks, DatedDocument, Part
from tests.unit.calculators.books import TODAY, bill, books, day, habits_of, invoice, moved, quarter, usd
from tests.unit.calculators.companies import CHARACTERS, FIRST, companies

ORIGINS = [FIRST + timedelta(days=270 + 7 * week) for week in range(30)]


@pytest.fixture(scope="module")
def replayed() -> dict[str, Backtest]:
    return {name: backtest(dated, ORIGINS) for name, dated in companies()}


def accuracy(replayed: dict[str, Backtest], method: str) -> dict[int, Accuracy]:
    grades: list[Grade] = [grade for one in replayed.values() for grade in getattr(one, method)]
    return {one.days: one for one in measure_accuracy(grades)}


def test_at_least_twenty_companies_of_different_character_are_replayed(replayed: dict[str, Backtest]) -> None:
    assert len(replayed) == len(CHARACTERS) >= 20
    assert all(len(one.ours) == len(one.due_date) == len(one.flat_trend) == 150 for one in replayed.values())


@pytest.mark.parametrize("days", [7, 14, 28, 91])
def test_the_forecast_errs_less_than_both_simple_ones(replayed: dict[str, Backtest], days: int) -> None:
    ours, due_date, flat = (accuracy(replayed, method)[days].wape for method in ("ours", "due_date", "flat_trend"))
    assert ours is not None
    assert due_date is not None
    assert flat is not None
    assert ours <= Decimal("0.7") * due_date
    assert ours < flat


@pytest.mark.parametrize("days", [7, 14, 28, 91])
def test_the_band_holds_about_four_times_out_of_five(replayed: dict[str, Backtest], days: int) -> None:
    coverage = accuracy(replayed, "ours")[days].coverage
    assert coverage is not None
    assert Decimal("0.75") <= coverage <= Decimal("0.85")


def document(id_: str, issued: int, amount: int, *parts: tuple[int, int]) -> DatedDocument:
    payments = tuple(Part(day(on), Decimal(paid)) for on, paid in parts)
    return DatedDocument(id_, "p1", "Party", day(issued), day(issued + 30), Decimal(amount), payments)


def dated(**documents: tuple[DatedDocument, ...]) -> DatedBooks:
    movements = (moved("a", day(-60), 100), moved("b", day(-10), -30), moved("c", TODAY, 5))
    return DatedBooks(
        currency="USD",
        first=day(-90),
        last=TODAY,
        cash=Decimal(1000),
        movements=movements,
        bills=documents.get("bills", ()),
        invoices=documents.get("invoices", ()),
        policy=Policy(),
    )


def test_a_past_balance_is_todays_less_what_moved_since() -> None:
    rows = dated()
    assert [rows.cash_on(day(offset)) for offset in (0, -1, -10, -11, -61)] == list(usd(1000, 995, 995, 1025, 925))


@pytest.mark.parametrize("offset", [-91, 1])
def test_a_balance_outside_of_the_books_is_not_invented(offset: int) -> None:
    with pytest.raises(BeforeTheBooks) as caught:
        dated().cash_on(day(offset))
    assert (caught.value.day, caught.value.first, caught.value.last) == (day(offset), day(-90), TODAY)
    with pytest.raises(BeforeTheBooks):
        dated().books_on(day(offset))


def test_only_what_was_known_then_is_in_the_books_of_that_day() -> None:
    entered_later = replace(document("entered later", -50, 10), entered=day(-5))
    lost = replace(document("lost", -80, 70, (-70, 20)), written_off=day(-15))
    never = replace(document("never", -80, 0), written_off=None)
    rows = dated(
        bills=(document("part paid", -50, 100, (-30, 40), (-5, 60)), entered_later, document("future", -9, 1)),
        invoices=(document("paid", -60, 50, (-40, 50)), lost, never),
    )
    then = rows.books_on(day(-20))
    assert [(one.id, one.balance) for one in then.bills or ()] == [("part paid", Decimal(60))]
    assert [one.id for one in then.movements or ()] == ["a"]
    assert [(one.id, one.balance) for one in then.invoices or ()] == [("lost", Decimal(50))]
    assert [(one.id, one.closed) for one in then.invoice_settlements or ()] == [("paid", day(-40)), ("never", day(-80))]
    now = rows.books_on(TODAY)
    assert [one.id for one in now.bills or ()] == ["entered later", "future"]
    assert [(one.id, one.closed) for one in now.bill_settlements or ()] == [("part paid", day(-5))]
    given_up = {one.id: one for one in now.invoice_settlements or ()}["lost"]
    assert (given_up.closed, given_up.written_off) == (day(-15), True)


def test_rows_of_later_days_do_not_change_a_replayed_forecast() -> None:
    name, rows = next(companies())
    origin = FIRST + timedelta(days=400)
    known = tuple(one for one in rows.movements if one.on <= origin)
    later = sum((one.amount for one in rows.movements if one.on > origin), Decimal(0))
    cut = replace(rows, last=origin, cash=rows.cash - later, movements=known)
    assert cut.books_on(origin) == rows.books_on(origin), name


def test_the_due_date_baseline_pays_and_collects_everything_in_full_when_due() -> None:
    undated = replace(bill("u", 1, None))
    given = books(
        100,
        bills=(bill("b", 30, 5), bill("late", 7, -5), undated),
        invoices=(invoice("i", 50, 9), invoice("far", 9, 92)),
    )
    curve = due_date_curve(given, TODAY, Decimal(100))
    assert [curve.on(day(offset)) for offset in (0, 1, 5, 9, 91)] == list(usd(100, 92, 62, 112, 112))


def test_the_flat_baseline_follows_the_net_burn_or_stays() -> None:
    burning = habits_of(books(100, movements=quarter(910, 182)))
    assert flat_curve(burning, Decimal(100)).on(day(10)) == 20
    assert flat_curve(habits_of(books(100)), Decimal(100)).on(day(91)) == 100
