"""Laws that hold for any books: what paying, waiting, more cash or another invoice may and may not do."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.cash import count_cash
from calculators.inputs import (
    AccountKind,
    ApprovedPayment,
    Books,
    CashAccount,
    CashPosition,
    Movement,
    MovementKind,
    cents,
    median,
    spread,
)
from calculators.lateness import age_of
from calculators.runway import Burn, Runway, calculate_runway, measure_burn
from calculators.trend import split_irregular
from tests.unit.calculators.books import TODAY, bill, books, day, habits_of, invoice, moved, projected

pytestmark = pytest.mark.unmeasured

LAW = settings(max_examples=1000, deadline=None)
AMOUNT = st.decimals("0.01", 50_000, places=2)
CASH = st.decimals(-20_000, 200_000, places=2)
DUE = st.integers(-100, 110)
OWED = st.lists(st.tuples(AMOUNT, DUE), max_size=5)


@st.composite
def movement_lists(draw: st.DrawFn) -> tuple[Movement, ...]:
    """Old enough to know a burn; a few regular payments and a few odd ones of any kind."""
    entries = draw(st.lists(st.tuples(st.integers(0, 120), st.decimals(-5000, 5000, places=2)), max_size=8))
    kinds = draw(st.lists(st.sampled_from(MovementKind), min_size=len(entries), max_size=len(entries)))
    odd = [
        moved(f"m{n}", day(-ago), amount, kind=kind, party=f"p{n % 3}", settles=n % 2 == 0)
        for n, ((ago, amount), kind) in enumerate(zip(entries, kinds, strict=True))
    ]
    step, pay = draw(st.sampled_from([7, 14, 30])), draw(AMOUNT)
    regular = [moved(f"r{n}", day(-step * n - 2), -pay, category="Wages") for n in range(5)]
    return (*odd, *regular)


def with_bills(given_books: Books, owed: list[tuple[Decimal, int]]) -> Books:
    return replace(given_books, bills=tuple(bill(f"b{n}", amount, due) for n, (amount, due) in enumerate(owed)))


def runway(given_books: Books) -> Runway:
    return calculate_runway(given_books, TODAY)


@LAW
@given(cash=CASH, approved=AMOUNT)
def test_paying_an_approved_bill_leaves_available_cash_unchanged(cash: Decimal, approved: Decimal) -> None:
    before = CashPosition((bank(cash),), approved=(ApprovedPayment("b", "Vendor", approved, TODAY),))
    after = CashPosition((bank(cash - approved),))
    available = [count_cash(replace(books(), cash=position)).available for position in (before, after)]
    assert available[0] == available[1]


def bank(balance: Decimal) -> CashAccount:
    return CashAccount("a", "Checking", AccountKind.BANK, balance, "USD")


@LAW
@given(
    owed=st.lists(st.tuples(AMOUNT, DUE), min_size=1, max_size=5), first=st.integers(0, 95), later=st.integers(0, 95)
)
def test_a_later_pay_date_never_lowers_the_balance_and_changes_nothing_outside_the_wait(
    owed: list[tuple[Decimal, int]], first: int, later: int
) -> None:
    soon, wait = sorted((first, later))
    given_books = with_bills(books(), owed)
    bills = given_books.bills or ()
    curves = [
        projected(replace(given_books, bills=(replace(bills[0], planned=day(on)), *bills[1:]))).committed.curve.balances
        for on in (soon, wait)
    ]
    for index, (paid_soon, paid_later) in enumerate(zip(*curves, strict=True)):
        if soon <= index < wait:
            assert paid_later - paid_soon == owed[0][0]
        else:
            assert paid_later == paid_soon


@LAW
@given(movements=movement_lists(), cash=CASH, more=AMOUNT)
def test_more_opening_cash_never_shortens_the_runway(
    movements: tuple[Movement, ...], cash: Decimal, more: Decimal
) -> None:
    poor, rich = (runway(books(amount, movements=movements)) for amount in (cash, cash + more))
    for less, enough in ((poor.without_receipts, rich.without_receipts), (poor.at_trend, rich.at_trend)):
        assert (less is None) == (enough is None)
        if less is not None and enough is not None:
            assert 0 <= less <= enough


@LAW
@given(owed=OWED, new=st.tuples(AMOUNT, DUE), due=OWED, movements=movement_lists())
def test_another_invoice_never_shortens_the_runway_nor_lowers_a_projected_balance(
    owed: list[tuple[Decimal, int]],
    new: tuple[Decimal, int],
    due: list[tuple[Decimal, int]],
    movements: tuple[Movement, ...],
) -> None:
    invoices = tuple(invoice(f"i{n}", amount, on) for n, (amount, on) in enumerate(due))
    before = replace(with_bills(books(movements=movements), owed), invoices=invoices)
    after = replace(before, invoices=(*invoices, invoice("new", *new)))
    assert runway(after).without_receipts == runway(before).without_receipts
    # A receivable long past due teaches that such debts are lost, which rightly lowers what the others are worth.
    if new[1] >= -180:
        pairs = zip(projected(before).committed.curve.balances, projected(after).committed.curve.balances, strict=True)
        assert all(old <= with_new for old, with_new in pairs)


@LAW
@given(owed=OWED, movements=movement_lists())
def test_open_bills_do_not_change_the_burn(owed: list[tuple[Decimal, int]], movements: tuple[Movement, ...]) -> None:
    without = books(movements=movements)
    assert runway(without).burn == runway(with_bills(without, owed)).burn


@LAW
@given(movements=movement_lists())
def test_recurring_and_irregular_flows_partition_the_burn(movements: tuple[Movement, ...]) -> None:
    burn = measure_burn(movements, TODAY)
    assert isinstance(burn, Burn)
    habits = habits_of(books(movements=movements))
    rest = split_irregular(burn, habits.series)
    regular = {id_ for one in habits.series for id_ in one.movement_ids}
    spent = sum((one.amount for one in burn.spent if one.id in regular), Decimal(0))
    received = sum((one.amount for one in burn.received if one.id in regular), Decimal(0))
    assert spent + rest.spent.total + rest.billed.total == -burn.total_out
    assert received + rest.sold.total + rest.collected.total == burn.total_in
    parts = [id_ for part in (rest.spent, rest.billed, rest.sold, rest.collected) for id_ in part.ids]
    assert len(parts) == len(set(parts))
    assert regular.isdisjoint(parts)


@LAW
@given(movements=movement_lists(), owed=OWED, due=OWED)
def test_the_order_of_rows_changes_no_figure(
    movements: tuple[Movement, ...], owed: list[tuple[Decimal, int]], due: list[tuple[Decimal, int]]
) -> None:
    invoices = tuple(invoice(f"i{n}", amount, on) for n, (amount, on) in enumerate(due))
    one = replace(with_bills(books(movements=movements), owed), invoices=invoices)
    other = replace(one, movements=movements[::-1], bills=(one.bills or ())[::-1], invoices=invoices[::-1])
    forward, backward = projected(one), projected(other)
    assert forward.committed.curve == backward.committed.curve
    assert forward.at_trend.curve == backward.at_trend.curve
    assert forward.assumptions == backward.assumptions


@LAW
@given(total=st.decimals(-(10**6), 10**6, places=2), parts=st.integers(1, 120))
def test_spreading_keeps_the_total_and_is_even_to_the_cent(total: Decimal, parts: int) -> None:
    amounts = spread(total, parts)
    assert len(amounts) == parts
    assert sum(amounts) == total
    assert max(amounts) - min(amounts) <= Decimal("0.01")


@LAW
@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=9))
def test_half_of_the_values_lie_on_each_side_of_the_median(values: list[Decimal]) -> None:
    middle = median(values)
    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value >= middle for value in values) >= len(values)


@LAW
@given(st.integers(-400, 400), st.integers(0, 400))
def test_waiting_never_makes_a_debt_younger(days: int, more: int) -> None:
    ages = list(type(age_of(0)))
    assert ages.index(age_of(days)) <= ages.index(age_of(days + more))


@LAW
@given(st.decimals(-1000, 1000, places=4))
def test_halves_are_rounded_away_from_zero(amount: Decimal) -> None:
    assert abs(cents(amount) - amount) <= Decimal("0.005")
    assert cents(-amount) == -cents(amount)
