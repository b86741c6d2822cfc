"""Recurring spend: learned once in whatever form it comes, and never expected twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from calculators.baseline import Series, learn_baseline, list_recent
from calculators.claims import Claim, expected_dates
from calculators.flows import FlowKind
from calculators.inputs import Cadence, KnownItem, Movement, MovementKind, MovementSource
from tests.unit.calculators.books import TODAY, bill, books, day, known, moved, projected, settled, usd


def rent(count: int = 4, *, settles: bool = False) -> list[Movement]:
    return [
        moved(f"r{n}", day(-30 * n - 3), -900, party="landlord", category="Rent", settles=settles) for n in range(count)
    ]


def learned(movements: list[Movement]) -> tuple[Series, ...]:
    return learn_baseline(list_recent(movements, TODAY), TODAY)


def test_a_regular_payment_is_learned_with_its_usual_amount() -> None:
    flows = rent()
    flows[1] = replace(flows[1], amount=Decimal(-4000))
    (series,) = learned(flows)
    assert (series.label, series.cadence, series.billed) == ("Party landlord", Cadence.MONTHLY, False)
    assert series.amount == -900
    assert set(series.movement_ids) == {"r0", "r1", "r2", "r3"}


def test_pay_slips_of_one_payroll_are_one_event() -> None:
    slips = [moved(f"p{n}-{who}", day(-14 * n - who), -500, category="Wages") for n in range(4) for who in range(3)]
    (series,) = learned(slips)
    assert (series.cadence, series.amount, len(series.dates)) == (Cadence.BIWEEKLY, Decimal(-1500), 4)
    assert series.label == "Wages"


def test_entries_without_a_counterparty_join_the_one_they_match() -> None:
    named = rent(2)
    loose = [moved(f"j{n}", day(-30 * n - 63), -905, category="Rent") for n in range(2)]
    other = [moved(f"o{n}", day(-11 * n - 2), -40, party="florist", category="Rent") for n in range(4)]
    (series,) = learned(named + loose + other)
    assert (series.party_id, len(series.dates)) == ("landlord", 4)


@pytest.mark.parametrize("amounts", [(-905, -905), (-100, -900)])
def test_entries_that_fit_several_counterparties_or_none_stay_apart(amounts: tuple[int, int]) -> None:
    both = [
        moved(f"{party}{n}", day(-30 * n - 3), amount, party=party, category="Rent")
        for party, amount in zip(("a", "b"), amounts, strict=True)
        for n in range(4)
    ]
    loose = [moved(f"j{n}", day(-30 * n - 8), -905 if amounts[0] == -905 else -400, category="Rent") for n in range(4)]
    assert len(learned(both + loose)) == 3


def test_a_category_shared_by_many_says_nothing_about_one_of_them() -> None:
    many = [
        moved(f"{who}{n}", day(-30 * n), -905, party=f"p{who}", category="Rent") for who in range(4) for n in (1, 2)
    ]
    loose = [moved(f"j{n}", day(-30 * n - 8), -905, category="Rent") for n in range(4)]
    assert [series.key for series in learned(many + loose)] == ["out/operating/account:Rent"]


def test_one_provider_may_collect_two_things() -> None:
    wages = [moved(f"w{n}", day(-7 * n), -700, party="payroll", category="Wages") for n in range(30)]
    taxes = [moved(f"t{n}", day(-30 * n - 4), -300, party="payroll", category="Taxes") for n in range(7)]
    scattered = [moved(f"x{n}", day(-5 * n * n - 3), -9, party="payroll", category="Fees") for n in range(8)]
    found = {series.key: series.cadence for series in learned(wages + taxes + scattered)}
    assert found == {
        "out/operating/payroll/Taxes": Cadence.MONTHLY,
        "out/operating/payroll/Wages": Cadence.WEEKLY,
    }


def test_many_categories_of_one_vendor_are_not_searched_for_rhythms() -> None:
    shop = [moved(f"{n}", day(-5 * n * n), -9, party="shop", category=f"c{n % 6}") for n in range(9)]
    assert learned(shop) == ()


@pytest.mark.parametrize(
    "flows",
    [
        [replace(one, on=one.on - timedelta(days=60)) for one in rent()],
        [replace(one, amount=one.amount * (1 if n % 2 else 9)) for n, one in enumerate(rent(6))],
        [moved(f"d{n}", day(-4 * n), -9, party="daily") for n in range(99)],
        [replace(one, kind=MovementKind.OWN_TRANSFER) for one in rent()],
        [replace(one, kind=MovementKind.ONE_OFF) for one in rent()],
        [replace(one, on=one.on + timedelta(days=400)) for one in rent()],
        [replace(one, amount=Decimal(0)) for one in rent()],
    ],
    ids=["ended", "erratic", "too frequent", "own transfer", "one-off", "future", "zero"],
)
def test_what_does_not_recur_is_no_series(flows: list[Movement]) -> None:
    assert learned(flows) == ()


def test_a_refunding_vendor_is_not_mixed_with_its_bills() -> None:
    refunds = [replace(one, id=f"+{one.id}", amount=Decimal(50)) for one in rent()]
    assert sorted(series.amount for series in learned(rent() + refunds)) == list(usd(-900, 50))


def recurring_dates(claims: list[Claim]) -> list[int]:
    (series,) = learned(rent())
    dates = expected_dates([series], claims, TODAY, day(91))
    return [(on - TODAY).days for on in dates[series.key]]


def claim(on: int, amount: int, party: str | None = "landlord", label: str = "x") -> Claim:
    return Claim(f"c{on}", day(on), Decimal(amount), party, label)


@pytest.mark.parametrize(
    ("claims", "left"),
    [
        ([], [28, 59, 90]),
        ([claim(30, -900)], [59, 90]),
        ([claim(30, -900), claim(57, -450)], [90]),
        ([claim(30, -449)], [28, 59, 90]),
        ([claim(30, -1800)], [59, 90]),
        ([claim(30, -1801)], [28, 59, 90]),
        ([claim(30, 900)], [28, 59, 90]),
        ([claim(30, -900, "other")], [28, 59, 90]),
        ([claim(40, -500, None, "party LANDLORD")], [59, 90]),
        ([claim(30, -910, None)], [59, 90]),
        ([claim(34, -910, None)], [28, 59, 90]),
        ([claim(30, -800, None)], [28, 59, 90]),
        ([claim(-30, -900)], [28, 59, 90]),
    ],
    ids=[
        "nothing",
        "bill",
        "two bills",
        "too small",
        "two at once",
        "too large",
        "wrong way",
        "other vendor",
        "same name",
        "same amount",
        "same amount too far",
        "near amount",
        "last month's",
    ],
)
def test_what_is_booked_under_another_name_is_not_expected_again(claims: list[Claim], left: list[int]) -> None:
    assert recurring_dates(claims) == left


def test_one_claim_stands_for_one_flow_only() -> None:
    twins = learned([*rent(), *(replace(one, id=f"2{one.id}", kind=MovementKind.LOAN_PRINCIPAL) for one in rent())])
    dates = expected_dates(twins, [claim(27, -900)], TODAY, day(91))
    assert sorted(len(found) for found in dates.values()) == [2, 3]


@pytest.mark.parametrize("source", list(MovementSource))
def test_a_spend_is_counted_once_in_whatever_form_it_came(source: MovementSource) -> None:
    """Three months of rent each in another form, the next one already entered as a bill and announced by hand."""
    flows = rent(6)
    flows[2] = replace(flows[2], source=source)
    flows[4] = replace(flows[4], party_id=None, source=MovementSource.JOURNAL_ENTRY)
    landlords = replace(bill("b", 900, 27, "landlord"), vendor_name="Landlord")
    announced = KnownItem("k", "Party landlord", day(59), Decimal(-900))
    given = books(20_000, bills=(landlords,), movements=tuple(flows), items=(announced,))
    view = projected(given).committed
    assert sorted((flow.on - TODAY).days for flow in view.flows) == [27, 59, 91]
    assert view.curve.on(day(91)) == 20_000 - 3 * 900


def test_loan_principal_and_draws_are_no_burn_but_will_be_asked_of_the_bank_again() -> None:
    loan = [replace(one, kind=MovementKind.LOAN_PRINCIPAL) for one in rent()]
    draw = [moved(f"d{n}", day(-30 * n - 3), -100, kind=MovementKind.OWNER_DRAW, category="Draw") for n in range(4)]
    projection = projected(books(20_000, movements=tuple(loan + draw)))
    assert {flow.kind for flow in projection.committed.flows} == {FlowKind.RECURRING}
    assert {flow.kind for flow in projection.at_trend.flows} == {FlowKind.RECURRING, FlowKind.OWNER_DRAW}


def test_recurring_income_without_invoices_is_expected_at_trend_only() -> None:
    retainer = tuple(moved(f"s{n}", day(-30 * n - 3), 500, party="client") for n in range(4))
    invoiced = tuple(replace(one, id=f"i{one.id}", party_id="b", settles_document=True) for one in retainer)
    given = replace(books(0, movements=retainer + invoiced), invoice_settlements=(settled("s", -40, 0),))
    projection = projected(given)
    assert projection.committed.flows == ()
    kinds = {flow.kind for flow in projection.at_trend.flows}
    assert kinds == {FlowKind.NEW_SALES, FlowKind.NEW_INVOICES}


def test_bills_paid_late_by_habit_are_expected_late_at_trend_unless_decided() -> None:
    habit = tuple(settled(f"s{n}", -40 - n, 8, party="v1") for n in range(9))
    late = bill("late", 10, 5)
    soon = bill("soon", 20, 5, "v2")
    decided = replace(bill("decided", 30, 5), planned=day(5))
    undated = bill("undated", 40, None)
    given = replace(books(100, bills=(late, soon, decided, undated)), bill_settlements=habit)
    projection = projected(given)
    at = {flow.ref: (flow.on - TODAY).days for flow in projection.at_trend.flows}
    assert at == {"late": 13, "soon": 13, "decided": 5, "undated": 1}
    assert {flow.ref: (flow.on - TODAY).days for flow in projection.committed.flows}["late"] == 5


def test_announced_items_that_match_nothing_are_added() -> None:
    given = books(20_000, movements=tuple(rent()), items=(known("k", -77, 40),))
    assert projected(given).committed.curve.on(day(91)) == 20_000 - 2700 - 77
