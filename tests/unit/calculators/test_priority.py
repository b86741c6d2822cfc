"""Points for bills and invoices, their reasons, and the order people see."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.inputs import EarlyDiscount, OpenBill, Tier
from calculators.lateness import Lateness
from calculators.priority import Level, Priority, level_of, prioritise_bill, prioritise_invoice, rank
from calculators.tiers import suggest_tier
from tests.unit.calculators.books import TODAY, bill, day, invoice

NOBODY = Lateness(None, {}, {}, ())


def judged(one: OpenBill, available: int = 1_000_000) -> Priority:
    return prioritise_bill(one, TODAY, available=Decimal(available), currency="USD")


@pytest.mark.parametrize(
    ("due", "points"),
    [(-1, 36), (-5, 40), (-15, 50), (-200, 50), (0, 30), (3, 30), (4, 20), (7, 20), (8, 10), (14, 10), (15, 0)],
)
def test_time_points(due: int, points: int) -> None:
    assert judged(bill("b", 0, due)).score == points


@pytest.mark.parametrize(("tier", "points"), [(Tier.MUST_PAY, 30), (Tier.KEY, 15), (Tier.CAN_WAIT, 0)])
def test_tier_points(tier: Tier, points: int) -> None:
    assert judged(replace(bill("b", 0, 60), tier=tier)).score == points


@pytest.mark.parametrize(("left", "points"), [(-1, 0), (0, 10), (1, 9), (9, 1), (10, 0)])
def test_discount_points(left: int, points: int) -> None:
    assert judged(replace(bill("b", 0, 60), discount=EarlyDiscount(Decimal(2), day(left)))).score == points


@pytest.mark.parametrize(("balance", "available", "points"), [(50, 100, 5), (200, 100, 10), (1, 0, 10), (1, -5, 10)])
def test_share_of_cash_points(balance: int, available: int, points: int) -> None:
    assert judged(bill("b", balance, 60), available).score == points


def test_rent_due_tomorrow_outranks_a_bill_that_can_wait_five_days_late() -> None:
    rent = replace(bill("rent", 100, 1), account_names=("Rent or Lease",))
    late = replace(bill("late", 100, -5), tier=Tier.CAN_WAIT)
    assert [one.record_id for one in rank([judged(late), judged(rent)])] == ["rent", "late"]


def test_reasons_are_told_in_words() -> None:
    one = replace(bill("b", 100, -1), account_names=("Rent",), discount=EarlyDiscount(Decimal("2.50"), day(0)))
    assert [component.text for component in judged(one, 1000).components] == [
        "1 day overdue",
        "must pay, suggested by its account",
        "2.5 % discount ends today",
        "10 % of available cash",
    ]
    plain = [component.text for component in judged(bill("b", 1, None)).components]
    assert plain == ["no due date", "vendor without a tier"]
    tomorrow = replace(bill("b", 3000, 1), tier=Tier.KEY, discount=EarlyDiscount(Decimal(1), day(1)))
    assert [component.text for component in judged(tomorrow).components] == [
        "due in 1 day",
        "key vendor",
        "1 % discount ends in 1 day",
    ]
    assert judged(bill("b", 8000, 0)).components[0].text == "due today"
    assert judged(bill("b", 8000, 0)).components[-1].text == "1 % of available cash"


@pytest.mark.parametrize(
    ("accounts", "tier"),
    [
        (("Payroll expenses",), Tier.MUST_PAY),
        (("Office", "Taxes & Licenses"), Tier.MUST_PAY),
        (("Insurance:Liability",), Tier.MUST_PAY),
        (("Utilities:Electric",), Tier.MUST_PAY),
        (("Equipment rental", "Current assets", "Syntax"), None),
        ((), None),
    ],
)
def test_must_pay_is_suggested_from_the_account(accounts: tuple[str, ...], tier: Tier | None) -> None:
    assert suggest_tier(accounts) is tier


@pytest.mark.parametrize(("due", "points"), [(-1, "15.5"), (-20, 25), (-70, 50), (-300, 50), (0, 5), (7, 5), (8, 0)])
def test_invoice_age_points(due: int, points: str | int) -> None:
    found = prioritise_invoice(
        invoice("i", 0, due), TODAY, customers=Lateness(999, {}, {}, ()), month_outflow=Decimal(1), currency="USD"
    )
    assert found.score == Decimal(points)


@pytest.mark.parametrize(("amount", "outflow", "points"), [(100, 300, 10), (999, 300, 30), (1, 0, 30), (1, None, 0)])
def test_invoice_size_points(amount: int, outflow: int | None, points: int) -> None:
    month = None if outflow is None else Decimal(outflow)
    found = prioritise_invoice(invoice("i", amount, 60), TODAY, customers=NOBODY, month_outflow=month, currency="USD")
    assert found.score == points


def test_days_beyond_the_customers_own_habit_count_up_to_20() -> None:
    def beyond(due: int, usual: int) -> Decimal:
        customers = Lateness(0, {"c1": usual}, {"c1": (usual,)}, (0,))
        found = prioritise_invoice(
            invoice("i", 0, due), TODAY, customers=customers, month_outflow=Decimal(1), currency="USD"
        )
        return found.score - min(Decimal(50), 15 - Decimal(due) / 2)

    assert [beyond(-10, 4), beyond(-10, 12), beyond(-70, 4)] == [6, 0, 20]


def test_unknown_facts_of_an_invoice_are_said() -> None:
    undated = replace(invoice("i", 10, None), txn_date=None)
    found = prioritise_invoice(undated, TODAY, customers=NOBODY, month_outflow=None, currency="USD")
    assert [component.text for component in found.components] == ["no due date", "30-day outflow not known yet"]
    late = prioritise_invoice(invoice("i", 1, -2), TODAY, customers=NOBODY, month_outflow=Decimal(500), currency="USD")
    assert [component.text for component in late.components] == [
        "2 days past due",
        "under 1 % of a month's outflow",
        "2 days beyond this customer's usual",
    ]


@pytest.mark.parametrize(
    ("score", "level"), [(80, Level.CRITICAL), (60, Level.HIGH), (40, Level.MEDIUM), ("39.9", Level.LOW)]
)
def test_levels(score: int | str, level: Level) -> None:
    assert level_of(Decimal(score)) is level


def test_ties_are_broken_by_amount_then_due_date_then_id() -> None:
    entries = [bill("z", 0, 60), bill("a", 0, 60), bill("late", 0, 61), bill("none", 0, None)]
    order = [one.record_id for one in rank(map(judged, entries))]
    assert order == ["a", "z", "late", "none"]


AMOUNTS = st.decimals(0, 10**6, places=2)


@settings(max_examples=1000, deadline=None)
@given(balance=AMOUNTS, available=AMOUNTS, due=st.integers(-400, 100), later=st.integers(0, 60))
def test_components_sum_to_the_score_and_waiting_never_lowers_it(
    balance: Decimal, available: Decimal, due: int, later: int
) -> None:
    now, then = (
        prioritise_bill(bill("b", balance, days), TODAY, available=available, currency="USD")
        for days in (due, due - later)
    )
    assert sum(component.points for component in now.components) == now.score
    assert 0 <= now.score <= then.score <= 100
