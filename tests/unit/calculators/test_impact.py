"""What a choice does to the cash ahead, against a projection drawn anew."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.curve import Mark
from calculators.impact import Choice, ImpactTable
from calculators.inputs import Books, OpenBill, Policy
from tests.unit.calculators.books import TODAY, bill, books, day, invoice, projected, usd


def with_decision(given_books: Books, bill_id: str, pay_on: date) -> Books:
    decided = (
        replace(one, planned=pay_on, held_until=None) if one.id == bill_id else one for one in given_books.bills or ()
    )
    return replace(given_books, bills=tuple(decided))


def test_paying_now_on_the_best_date_or_holding_is_told_before_the_click() -> None:
    rent = bill("rent", 600, 6)
    given_books = books(1000, bills=(rent,), invoices=(invoice("i", 1000, 3),), policy=Policy(Decimal(500)))
    table = ImpactTable(given_books, projected(given_books))
    now, best, hold = table.choices(rent, best=day(6), hold_until=day(10))
    assert (now.choice, now.pay_on, now.low_water) == (Choice.PAY_NOW, TODAY, Mark(Decimal(400), TODAY))
    assert now.first_below_floor == TODAY
    assert (now.cash_after, now.effect, now.against_plan) == usd(400, -600, -600)
    assert best.first_below_floor is None
    assert (best.low_water.amount, best.cash_after) == usd(1000, 1350)
    assert hold.pay_on == date(2026, 12, 1)
    assert (hold.cash_after, hold.effect) == usd(1350, 0)


AMOUNT = st.decimals("0.01", 5000, places=2)
DUE = st.integers(-20, 110)
BILLS = st.lists(st.tuples(AMOUNT, DUE), min_size=1, max_size=6)


@settings(max_examples=1000, deadline=None)
@given(bills=BILLS, invoices=st.lists(st.tuples(AMOUNT, DUE), max_size=4), pay_in=st.integers(0, 120))
def test_an_impact_equals_the_projection_drawn_anew_and_paying_is_never_positive(
    bills: list[tuple[Decimal, int]], invoices: list[tuple[Decimal, int]], pay_in: int
) -> None:
    entries = tuple(bill(f"b{n}", amount, due) for n, (amount, due) in enumerate(bills))
    owed = tuple(invoice(f"i{n}", amount, due) for n, (amount, due) in enumerate(invoices))
    given_books = books(3000, bills=entries, invoices=owed, policy=Policy(Decimal(1000)))
    baseline = projected(given_books)
    chosen: OpenBill = entries[0]
    found = ImpactTable(given_books, baseline).impact(chosen, Choice.HOLD, day(pay_in))
    anew = projected(with_decision(given_books, "b0", day(pay_in))).committed
    never = projected(with_decision(given_books, "b0", day(9999))).committed
    assert found.low_water == anew.low_water
    assert found.first_below_floor == anew.first_below_floor
    assert found.first_below_zero == anew.first_below_zero
    assert found.cash_after == anew.curve.balances[min(pay_in, 91)]
    assert found.effect == anew.low_water.amount - never.low_water.amount <= 0
    assert found.against_plan == anew.low_water.amount - baseline.committed.low_water.amount
