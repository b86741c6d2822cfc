"""What moved the runway: every cause, adding up to the change exactly."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.certainty import CertaintyCost, cost_in_certainty
from calculators.inputs import ApprovedPayment, CashPosition, MovementKind, SetAside
from calculators.runway import NotEnoughHistory, Runway, calculate_runway, measure_burn
from calculators.variance import Cause, NotLater, RunwayChange, explain_change
from tests.unit.calculators.books import TODAY, account, books, day, moved, quarter, usd

HISTORY = tuple(moved(f"h{n}", day(-n), -100, party=f"p{n}") for n in range(7, 120))
WEEK = (
    moved("in", day(-3), 900, party="c"),
    moved("out", day(-2), -400, party="v"),
    moved("draw", day(-1), -50, kind=MovementKind.OWNER_DRAW),
)


def runway(cash: int, offset: int, *, aside: int = 0, approved: int = 0, with_week: bool = True) -> Runway:
    position = CashPosition(
        (account(cash),),
        (SetAside("s", "tax", Decimal(aside)),),
        (ApprovedPayment("b", "Vendor", Decimal(approved), day(1)),),
    )
    movements = HISTORY + (WEEK if with_week else ())
    return calculate_runway(replace(books(movements=movements), cash=position), day(offset))


def test_each_cause_is_named_with_its_money_and_its_days() -> None:
    change = explain_change(runway(5000, -7, aside=100), runway(5470, 0, aside=200, approved=300), WEEK)
    assert change.available == 470 - 100 - 300
    assert {part.cause: part.amount for part in change.parts} == {
        Cause.RECEIPTS: 900,
        Cause.PAYMENTS: -400,
        Cause.OTHER: -50,
        Cause.NEW_BILLS: -300,
        Cause.SET_ASIDE: -100,
        Cause.RESTATED: 20,
        Cause.PACE: 0,
    }
    days = {part.cause: part.days for part in change.parts}
    assert (days[Cause.RECEIPTS], days[Cause.PAYMENTS]) == usd("9", "-4")
    assert {part.cause: part.ids for part in change.parts}[Cause.RECEIPTS] == ("in",)


def adds_up(change: RunwayChange) -> bool:
    days = sum((part.days for part in change.parts if part.days is not None), Decimal(0))
    return sum((part.amount for part in change.parts), Decimal(0)) == change.available and days == change.days


CASH = st.integers(1, 100_000)


@settings(max_examples=1000, deadline=None)
@given(then=CASH, now=CASH, aside=st.integers(0, 900), approved=st.integers(0, 900))
def test_the_causes_add_up_to_the_change(then: int, now: int, aside: int, approved: int) -> None:
    assert adds_up(explain_change(runway(then, -7), runway(now, 0, aside=aside, approved=approved), WEEK))


def test_a_bill_paid_after_its_approval_changes_nothing() -> None:
    paid = (moved("paid", day(-2), -300, party="v", settles=True),)
    before = runway(5000, -7, approved=300, with_week=False)
    change = explain_change(before, runway(4700, 0, with_week=False), paid)
    assert change.available == 0
    assert {part.cause: part.amount for part in change.parts if part.amount} == {
        Cause.PAYMENTS: -300,
        Cause.NEW_BILLS: 300,
    }


def test_an_unchanged_week_has_no_causes() -> None:
    steady = runway(5000, -7, with_week=False)
    assert explain_change(steady, replace(steady, as_of=TODAY), ()).parts == ()


def test_without_a_known_runway_only_money_is_compared() -> None:
    young = calculate_runway(books(100), day(-7))
    change = explain_change(young, runway(150, 0), ())
    assert change.days is None
    assert [(part.cause, part.days) for part in change.parts] == [(Cause.RESTATED, None)]
    odd = replace(runway(100, -7), burn=NotEnoughHistory(3))
    assert [part.days for part in explain_change(odd, runway(150, 0), ()).parts] == [None]


def test_weeks_out_of_order_and_of_two_currencies_are_refused() -> None:
    week = runway(1, -7)
    with pytest.raises(NotLater):
        explain_change(week, week, ())
    abroad = runway(1, 0)
    with pytest.raises(NotLater):
        explain_change(week, replace(abroad, cash=replace(abroad.cash, currency="EUR")), ())


def test_an_issue_costs_its_amount_and_the_days_it_pays_for() -> None:
    burn = measure_burn(quarter(91_000, 0), TODAY)
    assert cost_in_certainty(Decimal(-4250), burn) == CertaintyCost(Decimal(4250), Decimal("4.2"))
    assert cost_in_certainty(Decimal(5), NotEnoughHistory(3)) == CertaintyCost(Decimal(5), None)
    assert cost_in_certainty(Decimal(5), measure_burn(quarter(0, 91), TODAY)).days is None
