"""The planner held against trying everything: the objective is written here once more, from its words.

In money: 0.05 % of a bill a day from its due date (or today, when that has passed), times 3 for who must be paid and 2
for key vendors; what finds no day counts as paid 60 days after the last one watched; a discount given up counts whole.
No watched day may end below the floor, or below zero where the floor is lost anyway, bills counted in full.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.inputs import Books, EarlyDiscount, OpenBill, Policy, Tier
from calculators.planner import PlannedPayment, plan_payments
from tests.unit.calculators.books import TODAY, bill, books, day, known, projected

pytestmark = pytest.mark.unmeasured

POLICY = Policy(floor_cash=Decimal(100), window_days=9, floor_days=5)
LAST = day(14)
WEIGHTS = {Tier.MUST_PAY: 3, Tier.KEY: 2, Tier.CAN_WAIT: 1}


def cost(one: OpenBill, paid: date | None) -> Decimal:
    assert one.due_date is not None
    assert one.tier is not None
    late = ((paid or LAST + timedelta(days=60)) - max(one.due_date, TODAY)).days
    lost = one.discount is not None and (paid is None or paid > one.discount.until)
    given_up = one.balance * one.discount.percent / 100 if one.discount is not None and lost else Decimal(0)
    return one.balance * max(0, late) * WEIGHTS[one.tier] * 5 / 10_000 + given_up


def days_of(one: OpenBill) -> list[date | None]:
    """Every pay day that is watched, and the two days that are a last chance off the pay days."""
    pay_days = [day(offset) for offset in range(15) if day(offset).weekday() in POLICY.pay_days]
    last_chances = [one.due_date, one.discount.until if one.discount else None]
    extra = [on for on in last_chances if on is not None and TODAY <= on <= LAST and not _has_pay_day_by(on)]
    return [*sorted({*pay_days, *extra}), None]


def _has_pay_day_by(limit: date) -> bool:
    return any(day(offset).weekday() in POLICY.pay_days for offset in range((limit - TODAY).days + 1))


def headroom(given: Books) -> list[Decimal]:
    """What each watched day could do without, were no bill paid."""
    balances = projected(replace(given, bills=())).at_trend.curve.balances[:15]
    floor, plenty = POLICY.floor_cash, Decimal(10) ** 9
    return [balance - floor if balance >= floor else balance if balance >= 0 else plenty for balance in balances]


def least(bills: Sequence[OpenBill], room: list[Decimal], so_far: Decimal, best: Decimal) -> Decimal:
    """Depth first over all days of all bills; left only where cash is lost or the best is missed already."""
    if not bills or so_far >= best:
        return min(so_far, best)
    for on in reversed(days_of(bills[0])):
        spent = so_far + cost(bills[0], on)
        left = room if on is None else _after(room, on, bills[0].balance)
        if spent < best and min(left) >= 0:
            best = least(bills[1:], left, spent, best)
    return best


def _after(room: list[Decimal], on: date, amount: Decimal) -> list[Decimal]:
    first = (on - TODAY).days
    return room[:first] + [left - amount for left in room[first:]]


@st.composite
def short_of_cash(draw: st.DrawFn) -> Books:
    bills = tuple(_bill(draw, number) for number in range(draw(st.integers(1, 8))))
    receipts = tuple(known(f"k{on}", draw(st.integers(0, 400)), on) for on in (2, 5, 7, 12))
    return books(draw(st.integers(0, 900)), bills=bills, items=receipts, policy=POLICY)


def _bill(draw: st.DrawFn, number: int) -> OpenBill:
    due = draw(st.integers(-3, 9))
    discount = None
    if due > 4 and draw(st.integers(0, 3)) == 0:
        discount = EarlyDiscount(Decimal(2), day(draw(st.integers(0, due - 3))))
    plain = bill(f"b{number}", draw(st.integers(10, 300)), due, f"v{number}")
    return replace(plain, tier=draw(st.sampled_from(Tier)), discount=discount)


def paid_within(room: list[Decimal], payments: Sequence[PlannedPayment]) -> bool:
    for one in payments:
        room = room if one.pay_on is None else _after(room, one.pay_on, one.amount)
    return min(room) >= 0


@settings(max_examples=300, deadline=None)
@given(short_of_cash())
def test_no_way_to_pay_up_to_eight_bills_costs_one_percent_less_than_the_plan(given: Books) -> None:
    payments = plan_payments(given, projected(given)).payments
    bills = {one.id: one for one in given.bills or ()}
    assert paid_within(headroom(given), payments)
    planned = sum((cost(bills[one.bill_id], one.pay_on) for one in payments), Decimal(0))
    best = least(list(bills.values()), headroom(given), Decimal(0), planned + 1)
    assert planned <= best * Decimal("1.01")
