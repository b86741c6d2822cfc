"""Best pay dates: on time, discounts taken, the floor kept, and said so when that cannot be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from calculators.curve import Mark
from calculators.inputs import Books, EarlyDiscount, OpenBill, Policy, Tier
from calculators.planner import Plan, PlannedPayment, PlanReason, is_worthwhile, plan_payments
from tests.unit.calculators.books import NEXT_PAY_DAY, TODAY, bill, books, day, invoice, known, moved, projected

FLOOR = Policy(floor_cash=Decimal(100))


def planned(given: Books) -> Plan:
    return plan_payments(given, projected(given))


def only(given: Books) -> PlannedPayment:
    (payment,) = planned(given).payments
    return payment


@pytest.mark.parametrize(
    ("due", "pay_on", "reason", "late"),
    [
        (8, date(2026, 11, 26), PlanReason.ON_TIME, 0),
        (9, date(2026, 11, 26), PlanReason.ON_TIME, 0),
        (12, date(2026, 11, 26), PlanReason.ON_TIME, 0),
        (13, date(2026, 12, 1), PlanReason.ON_TIME, 0),
        (0, TODAY, PlanReason.ON_TIME, 0),
        (-3, NEXT_PAY_DAY, PlanReason.OVERDUE, 4),
        (None, NEXT_PAY_DAY, PlanReason.ON_TIME, 0),
    ],
)
def test_a_bill_is_paid_on_the_last_pay_day_that_is_on_time(
    due: int | None, pay_on: date, reason: PlanReason, late: int
) -> None:
    payment = only(books(10_000, bills=(bill("b", 50, due),)))
    assert (payment.pay_on, payment.reason, payment.days_late) == (pay_on, reason, late)


def discounted(percent: str, until: int, due: int = 28) -> OpenBill:
    return replace(bill("b", 1000, due), discount=EarlyDiscount(Decimal(percent), day(until)))


def test_a_worthwhile_discount_is_taken_on_its_last_pay_day() -> None:
    payment = only(books(10_000, bills=(discounted("2", 9),)))
    assert (payment.pay_on, payment.reason, payment.discount) == (date(2026, 11, 26), PlanReason.DISCOUNT, Decimal(20))


def test_a_discount_that_ends_before_the_next_pay_day_is_taken_on_its_last_day() -> None:
    payment = only(books(10_000, bills=(discounted("2", 0),)))
    assert (payment.pay_on, payment.reason) == (TODAY, PlanReason.DISCOUNT)


def test_a_discount_that_earns_too_little_is_left() -> None:
    payment = only(books(10_000, bills=(discounted("0.1", 9),)))
    assert (payment.pay_on, payment.reason, payment.discount) == (date(2026, 12, 15), PlanReason.ON_TIME, Decimal(0))


def test_a_lapsed_discount_and_one_that_comes_by_itself_change_nothing() -> None:
    assert only(books(10_000, bills=(discounted("2", -1),))).discount == 0
    by_itself = only(books(10_000, bills=(discounted("2", 28),)))
    assert (by_itself.reason, by_itself.discount) == (PlanReason.ON_TIME, Decimal(20))


def test_two_ten_net_thirty_earns_37_percent_a_year() -> None:
    terms = discounted("2", 8)
    assert is_worthwhile(terms, day(28), Policy(discount_hurdle=Decimal("37.2")))
    assert not is_worthwhile(terms, day(28), Policy(discount_hurdle=Decimal("37.3")))
    assert not is_worthwhile(bill("b", 1), day(28), Policy())


def test_what_cannot_be_paid_above_the_floor_waits_and_the_least_important_waits_longest() -> None:
    rent = replace(bill("rent", 400, 1), tier=Tier.MUST_PAY)
    toner = replace(bill("toner", 300, 1), tier=Tier.CAN_WAIT)
    given = books(600, bills=(toner, rent), items=(known("k", 900, 10),), policy=FLOOR)
    plan = planned(given)
    assert [(one.bill_id, one.pay_on, one.reason) for one in plan.payments] == [
        ("rent", NEXT_PAY_DAY, PlanReason.ON_TIME),
        ("toner", date(2026, 12, 1), PlanReason.POSTPONED),
    ]
    assert [one.bill_id for one in plan.exceptions] == ["toner"]
    assert plan.exceptions[0].days_late == 12
    assert plan.at_trend.low_water == plan.committed.low_water == Mark(Decimal(200), NEXT_PAY_DAY)


def test_a_bill_that_fits_on_no_day_is_an_exception_without_a_date() -> None:
    plan = planned(books(600, bills=(bill("huge", 5000, 3), bill("small", 90, 3)), policy=FLOOR))
    assert plan.find_date("huge") is None
    assert plan.find_date("small") == NEXT_PAY_DAY
    assert [(one.bill_id, one.reason) for one in plan.exceptions] == [("huge", PlanReason.NO_ROOM)]
    assert plan.at_trend.low_water.amount == 510


def test_where_the_floor_is_lost_anyway_zero_is_kept_instead() -> None:
    losing = books(600, bills=(bill("a", 40, 3), bill("b", 40, 3)), items=(known("k", -550, 20),), policy=FLOOR)
    plan = planned(losing)
    assert sorted(one.reason for one in plan.payments) == [PlanReason.NO_ROOM, PlanReason.ON_TIME]
    assert plan.at_trend.low_water.amount == 10


def test_where_even_zero_is_lost_bills_are_still_paid_on_time() -> None:
    plan = planned(books(-10, bills=(bill("a", 40, 3),), items=(known("k", 500, 2), known("l", -900, 30))))
    assert [one.reason for one in plan.payments] == [PlanReason.ON_TIME]


def test_decided_and_distant_bills_stay_as_they_are() -> None:
    decided = replace(bill("decided", 10), planned=day(4))
    held = replace(bill("held", 10), held_until=day(4))
    credit = bill("credit", -10)
    plan = planned(books(100, bills=(decided, held, credit, bill("distant", 10, 31), bill("near", 10, 30))))
    assert [one.bill_id for one in plan.payments] == ["near"]
    assert plan.until == day(44)
    assert len(plan.at_trend.balances) == 45


def test_room_made_by_expected_sales_is_told_apart_from_committed_cash() -> None:
    sales = tuple(moved(f"s{n}", day(-n), 100, party=f"c{n}") for n in range(91))
    plan = planned(books(150, bills=(bill("b", 500, 20),), movements=sales, policy=FLOOR))
    assert [one.reason for one in plan.payments] == [PlanReason.ON_TIME]
    assert plan.at_trend.low_water.amount >= 100
    assert plan.committed.low_water.amount == -350


def test_a_short_policy_still_reaches_the_next_pay_day() -> None:
    given = books(100, bills=(bill("b", 10, -1),), policy=Policy(window_days=0, floor_days=0, pay_days=(1,)))
    assert only(given).pay_on == date(2026, 11, 24)


def test_receipts_in_time_make_room() -> None:
    given = books(100, bills=(bill("b", 900, 9),), invoices=(invoice("i", 1000, 5),), policy=FLOOR)
    assert only(given).pay_on == date(2026, 11, 26)
