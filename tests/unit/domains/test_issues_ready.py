"""The ready rules and the partition law."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.issues.ready import Place, is_invoice_ready, is_to_collect, partition, place_bill
from tests.unit.domains.issue_records import TODAY, a_bill, an_invoice, days


@pytest.mark.parametrize(
    ("due", "place"),
    [(-400, Place.READY), (0, Place.READY), (30, Place.READY), (31, Place.BEYOND)],
)
def test_overdue_is_always_in_the_window_and_the_window_ends_in_thirty_days(due: int, place: Place) -> None:
    assert place_bill(a_bill(due_date=days(due)), blocked=(), decided=(), today=TODAY) is place


def test_a_dismissed_missing_due_date_makes_a_bill_ready_not_invisible() -> None:
    assert place_bill(a_bill(due_date=None), blocked=(), decided=(), today=TODAY) is Place.READY


def test_what_was_decided_stays_decided_whatever_is_found_later() -> None:
    assert place_bill(a_bill(), blocked={"1"}, decided={"1"}, today=TODAY) is Place.DECIDED


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2027, 12, 31))),
            st.decimals(min_value=-500, max_value=500, places=2).filter(bool),
            st.booleans(),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_every_open_bill_stands_in_exactly_one_place(
    drawn: list[tuple[date | None, Decimal, bool, bool]],
) -> None:
    bills = [a_bill(id=str(i), due_date=due, balance=balance) for i, (due, balance, _, _) in enumerate(drawn)]
    blocked = {str(i) for i, (_, _, is_blocked, _) in enumerate(drawn) if is_blocked}
    decided = {str(i) for i, (_, _, _, is_decided) in enumerate(drawn) if is_decided}
    places = partition(bills, blocked=blocked, decided=decided, today=TODAY)
    stood = [bill.id for place in Place for bill in places[place]]
    assert sorted(stood) == sorted(bill.id for bill in bills)
    assert all(bill.balance > 0 and bill.id not in blocked | decided for bill in places[Place.READY])


@pytest.mark.parametrize(("due", "ready"), [(-1, True), (0, True), (7, True), (8, False)])
def test_an_invoice_is_ready_when_past_due_or_due_within_a_week(due: int, *, ready: bool) -> None:
    assert is_invoice_ready(an_invoice(due_date=days(due)), blocked=(), today=TODAY) is ready


def test_an_invoice_that_is_blocked_undated_or_a_credit_is_not_ready() -> None:
    assert not is_invoice_ready(an_invoice(due_date=days(-1)), blocked={"1"}, today=TODAY)
    assert not is_invoice_ready(an_invoice(due_date=None), blocked=(), today=TODAY)
    assert not is_invoice_ready(an_invoice(due_date=days(-1), balance=Decimal(-1)), blocked=(), today=TODAY)


@pytest.mark.parametrize(
    ("due", "amount", "collect"),
    [(-30, 1, True), (-29, 1, False), (-29, 10_000, True), (0, 10_000, False), (-1, 10_000, True)],
)
def test_collect_is_for_thirty_days_late_or_a_significant_amount(due: int, amount: int, *, collect: bool) -> None:
    invoice = an_invoice(due_date=days(due), balance=Decimal(amount))
    told = is_to_collect(invoice, home_balance=Decimal(amount), significant=Decimal(10_000), today=TODAY)
    assert told is collect
