"""What is told unasked: each kind found, each with a number and its evidence, in a fixed order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from calculators.inputs import Books, OpenBill, Policy, Tier
from calculators.insights import Insight, InsightKind, find_insights
from calculators.runway import calculate_runway
from calculators.variance import RunwayChange, explain_change
from tests.unit.calculators.books import TODAY, bill, books, day, habits_of, invoice, projected, quarter, settled


def found(
    given: Books, moved_by: RunwayChange | None = None, postings: dict[str, date] | None = None
) -> tuple[Insight, ...]:
    return find_insights(given, habits_of(given), projected(given), moved=moved_by, last_postings=postings or {})


def test_sound_books_give_nothing_to_say() -> None:
    calm = books(1000, bills=(bill("b", 10),), invoices=tuple(invoice(f"i{n}", 10, 5, f"c{n}") for n in range(3)))
    assert found(calm, postings={"bank": day(-7)}) == ()


def test_a_floor_breach_cites_the_largest_payments_before_it() -> None:
    bills = (bill("small", 100, 3), bill("big", 700, 5), bill("after", 900, 30))
    (breach,) = found(books(1000, bills=bills, policy=Policy(Decimal(300))))
    assert breach == Insight(InsightKind.FLOOR_BREACH, Decimal(1000), ("big", "small"), on=day(5))


def test_cash_below_the_floor_already_cites_the_cash() -> None:
    (breach,) = found(books(100, policy=Policy(Decimal(300))))
    assert (breach.number, breach.evidence, breach.on) == (Decimal(200), ("cash",), TODAY)


def test_what_must_be_paid_when_cash_is_low_is_told() -> None:
    rent = replace(bill("rent", 600, 3), account_names=("Rent",))
    easy = replace(bill("easy", 5, 40), tier=Tier.MUST_PAY)
    (told,) = found(books(1000, bills=(rent, easy, bill("other", 1, 3))))
    assert told == Insight(InsightKind.MUST_PAY_IN_TROUGH, Decimal(600), ("rent",), on=day(3))


@pytest.mark.parametrize(("then", "told"), [(40_000, 1), (44_000, 0)])
def test_a_runway_that_moved_by_five_days_is_told_with_what_moved_it(then: int, told: int) -> None:
    movements = quarter(91_000, 63_700)
    before = calculate_runway(books(then, movements=movements), day(-7))
    now = calculate_runway(books(45_000, movements=movements), TODAY)
    change = explain_change(before, now, movements)
    insights = [one for one in found(books(45_000), change) if one.kind is InsightKind.RUNWAY_MOVED]
    assert len(insights) == told
    for one in insights:
        assert one.number == change.days
        assert {"out0", "in0"} <= set(one.evidence)


def test_a_change_without_movements_cites_its_causes() -> None:
    movements = quarter(91_000, 0)
    before = calculate_runway(books(30_000, movements=movements[7:]), day(-7))
    now = calculate_runway(books(45_000, movements=movements[7:]), TODAY)
    (told,) = [one for one in found(books(1), explain_change(before, now, ())) if one.number > 5]
    assert told.evidence == ("restated", "pace")


def test_books_without_a_posting_for_more_than_a_week_are_stale() -> None:
    (stale,) = found(books(), postings={"main": day(-8), "fresh": day(-7)})
    assert stale == Insight(InsightKind.BOOKS_STALE, Decimal(8), ("main",), on=day(-8))


def test_a_customer_two_weeks_beyond_its_own_habit_is_told() -> None:
    known = [settled(f"{party}{n}", -90, 10, party=party) for n in range(3) for party in ("c1", "c3")]
    history = (*known, settled("x", -90, 0, party="c2"))
    owed = (
        invoice("worst", 100, -40),
        invoice("bad", 100, -24),
        invoice("fine", 100, -23),
        invoice("undated", 100, None),
        invoice("new customer", 100, -90, "c2"),
        invoice("punctual", 100, -3, "c3"),
        invoice("forgotten by the books", 100, -181, "c1"),
    )
    given = replace(books(1000, invoices=owed), invoice_settlements=history)
    slow = [one for one in found(given) if one.kind is InsightKind.CUSTOMER_SLOW]
    assert slow == [Insight(InsightKind.CUSTOMER_SLOW, Decimal(30), ("worst", "bad"), "Customer c1")]


def test_one_customer_with_two_fifths_of_the_receivables_is_told() -> None:
    owed = [invoice("a", 200), invoice("b", 200), *(invoice(f"i{n}", 200, 5, f"o{n}") for n in range(2))]
    loose = invoice("nobody", 200, 5, None)
    (told,) = found(books(1000, invoices=(*owed, loose)))
    assert told == Insight(InsightKind.CUSTOMER_CONCENTRATION, Decimal(40), ("a", "b"), "Customer c1")
    assert found(books(1000, invoices=(invoice("credit", -5),))) == ()


def test_a_customer_with_a_credit_left_makes_nobodys_share_larger() -> None:
    credit = invoice("credit", -150, 5, "c2")
    (told,) = found(books(1000, invoices=(invoice("a", 150), credit, invoice("b", 100, 5, None))))
    assert (told.number, told.evidence) == (Decimal(60), ("a",))


def dated(id_: str, on: int | None, vendor: str | None = "v1") -> OpenBill:
    return replace(bill(id_, 1, 20, vendor), txn_date=None if on is None else day(on))


def test_three_bills_of_one_vendor_within_a_week_are_told() -> None:
    bills = (dated("a", -6), dated("b", -3), dated("c", 0), dated("old", -7), dated("n", None), dated("x", 0, None))
    (told,) = found(books(1000, bills=bills))
    assert told == Insight(InsightKind.BILL_BURST, Decimal(3), ("a", "b", "c"), "Vendor v1", TODAY)
    assert found(books(1000, bills=bills[1:])) == ()


def test_the_most_pressing_comes_first_and_all_cite_evidence() -> None:
    bills = (bill("rent", 2000, 3), dated("a", 0), dated("b", 0), dated("c", 0))
    given = books(1000, bills=(replace(bills[0], tier=Tier.MUST_PAY), *bills[1:]), invoices=(invoice("i", 5, 50),))
    told = found(given, postings={"bank": day(-30)})
    assert [one.kind for one in told] == [
        InsightKind.FLOOR_BREACH,
        InsightKind.MUST_PAY_IN_TROUGH,
        InsightKind.BOOKS_STALE,
        InsightKind.CUSTOMER_CONCENTRATION,
        InsightKind.BILL_BURST,
    ]
    assert all(one.evidence for one in told)
    assert told == found(given, postings={"bank": day(-30)})
