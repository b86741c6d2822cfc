"""When a bill leaves the bank under the plain rule."""

from dataclasses import replace
from datetime import date

import pytest

from calculators.inputs import Policy
from calculators.pay_days import NoPayDays, last_pay_day, next_pay_day, planned_date
from tests.unit.calculators.books import NEXT_PAY_DAY, TODAY, bill, day

POLICY = Policy()


def test_todays_pay_day_still_counts() -> None:
    assert next_pay_day(TODAY, POLICY) == NEXT_PAY_DAY
    assert next_pay_day(NEXT_PAY_DAY, POLICY) == NEXT_PAY_DAY
    assert last_pay_day(NEXT_PAY_DAY, POLICY) == NEXT_PAY_DAY
    assert last_pay_day(TODAY, POLICY) == date(2026, 11, 17)


@pytest.mark.parametrize(
    ("due", "planned"), [(-5, NEXT_PAY_DAY), (0, NEXT_PAY_DAY), (1, NEXT_PAY_DAY), (3, day(3)), (None, NEXT_PAY_DAY)]
)
def test_an_undecided_bill_is_paid_when_due_but_not_before_the_next_pay_day(due: int | None, planned: date) -> None:
    assert planned_date(bill("b", 1, due), TODAY, POLICY) == planned


def test_a_decision_beats_the_rule_but_cannot_lie_in_the_past() -> None:
    assert planned_date(replace(bill("b", 1), planned=day(40)), TODAY, POLICY) == day(40)
    assert planned_date(replace(bill("b", 1), planned=day(-4)), TODAY, POLICY) == TODAY


def test_a_hold_ends_on_the_first_pay_day_after_it() -> None:
    assert planned_date(replace(bill("b", 1), held_until=day(7)), TODAY, POLICY) == date(2026, 11, 26)
    assert planned_date(replace(bill("b", 1), held_until=day(-7)), TODAY, POLICY) == NEXT_PAY_DAY


def test_a_policy_without_pay_days_is_refused() -> None:
    for ask in (next_pay_day, last_pay_day):
        with pytest.raises(NoPayDays):
            ask(TODAY, Policy(pay_days=()))
