"""The answers to "Why?": the rows of every figure add up to it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.cash import count_cash
from calculators.data_quality import OpenRecord, measure_quality
from calculators.explain import (
    DoesNotAddUp,
    explain_at_trend,
    explain_available,
    explain_balance,
    explain_cash_book,
    explain_cash_in,
    explain_clean_balance,
    explain_gross_burn,
    explain_net_burn,
    explain_open_bills,
    explain_open_invoices,
    explain_without_receipts,
)
from calculators.inputs import AccountKind, ApprovedPayment, Books, CashPosition, SetAside
from calculators.runway import Burn, calculate_runway, measure_burn, runway_days
from tests.unit.calculators.books import TODAY, account, bill, books, day, invoice, known, moved, projected, quarter


def full() -> Books:
    position = CashPosition(
        (account(900), account(7, AccountKind.CARD), account(50)),
        (SetAside("s", "tax", Decimal(100)),),
        (ApprovedPayment("b", "Vendor", Decimal(30), day(1)),),
    )
    abroad = replace(bill("e", 100, 12), currency="EUR", rate=Decimal("1.111"))
    return replace(
        books(
            bills=(bill("b", 30, 4), abroad),
            invoices=(invoice("i", 500, 6), invoice("j", 80, -50)),
            items=(known("k", -20, 9),),
            movements=(*quarter(9100, 910), moved("loose", TODAY, -5)),
        ),
        cash=position,
    )


def test_cash_and_what_is_free_of_it() -> None:
    given_books = full()
    cash = count_cash(given_books)
    assert explain_cash_book(given_books, cash.cash_book).total == 950
    available = explain_available(given_books, cash.available)
    assert [(row.id, row.amount, row.on) for row in available.rows] == [
        ("bank:900", Decimal(900), None),
        ("bank:50", Decimal(50), None),
        ("s", Decimal(-100), None),
        ("b", Decimal(-30), day(1)),
    ]


def test_burn_is_made_of_movements_over_its_days() -> None:
    burn = measure_burn(full().movements, TODAY)
    assert isinstance(burn, Burn)
    gross, received, net = explain_gross_burn(burn), explain_cash_in(burn), explain_net_burn(burn)
    assert (gross.total, received.total, net.total) == (burn.total_out, burn.total_in, burn.total_out - burn.total_in)
    assert gross.days == received.days == net.days == 91
    assert {row.id for row in net.rows} == {movement.id for movement in (*burn.spent, *burn.received)}
    assert next(row.label for row in gross.rows if row.id == "loose") == ""


def test_both_runways_follow_from_their_parts() -> None:
    given_books = full()
    runway = calculate_runway(given_books, TODAY)
    assert isinstance(runway.burn, Burn)
    without = explain_without_receipts(given_books, runway.cash.available, runway.burn)
    at_trend = explain_at_trend(given_books, runway.cash.available, runway.burn)
    assert runway_days(without.cash.total, without.burn.total, without.burn.days) == runway.without_receipts
    assert runway_days(at_trend.cash.total, at_trend.burn.total, at_trend.burn.days) == runway.at_trend


def test_open_bills_and_invoices_in_home_currency() -> None:
    assert explain_open_bills(full(), Decimal("141.1")).rows[1].amount == Decimal("111.10")
    assert explain_open_invoices(full(), Decimal(580)).total == 580


def test_the_clean_balance_shows_the_unclean_with_nothing() -> None:
    records = [OpenRecord("a", Decimal(-30), unclean=False), OpenRecord("b", Decimal(70), unclean=True)]
    explained = explain_clean_balance(records, measure_quality(records).clean_balance)
    assert [(row.id, row.amount) for row in explained.rows] == [("a", Decimal(30)), ("b", Decimal(0))]


def test_rows_that_do_not_make_the_figure_are_refused() -> None:
    with pytest.raises(DoesNotAddUp) as caught:
        explain_cash_book(full(), Decimal(951))
    assert (caught.value.total, caught.value.rows) == (Decimal(951), Decimal(950))


def test_a_projected_balance_opens_into_cash_and_dated_flows() -> None:
    view = projected(full()).committed
    rows = explain_balance(view, day(9)).rows
    assert [row.id for row in rows if row.id in {"cash", "b", "i", "j", "k", "e"}] == ["cash", "b", "i", "j", "k"]
    assert explain_balance(view, view.low_water.on).total == view.low_water.amount


AMOUNT = st.decimals("0.01", 9999, places=2)


@settings(max_examples=1000, deadline=None)
@given(
    owed=st.lists(st.tuples(AMOUNT, st.integers(-60, 100)), max_size=5),
    due=st.lists(st.tuples(AMOUNT, st.integers(-200, 100)), max_size=5),
    at=st.integers(0, 91),
)
def test_every_day_of_both_views_adds_up(
    owed: list[tuple[Decimal, int]], due: list[tuple[Decimal, int]], at: int
) -> None:
    given_books = books(
        1000,
        bills=tuple(bill(f"b{n}", amount, on) for n, (amount, on) in enumerate(owed)),
        invoices=tuple(invoice(f"i{n}", amount, on) for n, (amount, on) in enumerate(due)),
        movements=MONEY,
    )
    projection = projected(given_books)
    for view in (projection.committed, projection.at_trend):
        assert explain_balance(view, day(at)).total == view.curve.on(day(at))
        row = view.day(day(at))
        assert row.opening + row.receipts - row.payments == row.closing


MONEY = tuple(moved(f"m{n}", day(-11 * n), "-33.33" if n % 2 else "77.77", party=f"p{n}") for n in range(9))
