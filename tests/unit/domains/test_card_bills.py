"""A card payment is told by the bills that were charged to the card, so that none of them is counted twice."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domains.card_bills import CardBill, tell_apart
from domains.moving import Movement, MovementKind

DAY = date(2026, 11, 2)
CARD, BANK = "41", "35"


def paid(amount: str, day: int = 30, *, card: str = CARD) -> Movement:
    """A transfer from the bank to the card."""
    return Movement(
        id=f"Transfer:{day}:0",
        date=DAY + timedelta(days=day),
        amount=-Decimal(amount),
        account_amount=-Decimal(amount),
        kind=MovementKind.OPERATING,
        entity="Transfer",
        record_id=str(day),
        party_id=None,
        party_name=None,
        bank_account_id=BANK,
        counter_account_id=card,
        counter_account_name="Visa",
        settles_document=False,
    )


def charged(amount: str, day: int, vendor: str = "Acme") -> CardBill:
    return CardBill(DAY + timedelta(days=day), f"{vendor}-{day}", CARD, Decimal(amount), vendor, vendor, None)


def told(payments: list[Movement], bills: list[CardBill]) -> list[tuple[int, str | None, Decimal, bool]]:
    return [
        ((one.date - DAY).days, one.party_name, one.amount, one.settles_document) for one in tell_apart(payments, bills)
    ]


def test_a_card_payment_is_told_by_the_vendors_whose_bills_it_paid_and_the_rest() -> None:
    bills = [charged("300", 5), charged("50", 9, "Blue Co")]
    assert told([paid("1000")], bills) == [
        (30, "Acme", Decimal(-300), True),
        (30, "Blue Co", Decimal(-50), True),
        (30, None, Decimal(-650), False),
    ]


def test_each_bill_is_told_once_and_by_a_later_payment_only() -> None:
    bills = [charged("300", 5), charged("200", 31)]
    assert told([paid("300", 30), paid("500", 60)], bills) == [
        (30, "Acme", Decimal(-300), True),
        (60, "Acme", Decimal(-200), True),
        (60, None, Decimal(-300), False),
    ]


def test_a_payment_too_small_for_the_bill_leaves_the_rest_of_it_waiting() -> None:
    assert told([paid("100", 30), paid("250", 60)], [charged("300", 5)]) == [
        (30, "Acme", Decimal(-100), True),
        (60, "Acme", Decimal(-200), True),
        (60, None, Decimal(-50), False),
    ]


def test_what_was_charged_a_quarter_of_a_year_before_is_not_looked_for_any_more() -> None:
    assert told([paid("100", 95)], [charged("300", 5)]) == [(95, "Acme", Decimal(-100), True)]
    assert told([paid("100", 96)], [charged("300", 5)]) == [(96, None, Decimal(-100), False)]


def test_other_cards_and_cash_drawn_from_the_card_stay_as_they_are() -> None:
    drawn = paid("-80", 40)
    other = paid("70", 50, card="42")
    assert list(tell_apart([drawn, other], [charged("300", 5)])) == [drawn, other]


amounts = st.decimals(min_value="0.01", max_value=10_000, places=2).map(str)
days = st.integers(min_value=0, max_value=400)


@given(
    payments=st.lists(st.tuples(amounts, days), max_size=8, unique_by=lambda pair: pair[1]),
    bills=st.lists(st.tuples(amounts, days, st.sampled_from("ABC")), max_size=12, unique_by=lambda bill: bill[1:]),
)
def test_the_parts_add_up_to_each_payment_and_never_to_more_than_the_bills(
    payments: list[tuple[str, int]], bills: list[tuple[str, int, str]]
) -> None:
    made = [paid(amount, day) for amount, day in sorted(payments, key=lambda pair: pair[1])]
    charges = [charged(amount, day, vendor) for amount, day, vendor in bills]
    parts = list(tell_apart(made, charges))
    for payment in made:
        mine = [part for part in parts if part.record_id == payment.record_id]
        assert sum(part.amount for part in mine) == payment.amount
        assert sum(part.account_amount for part in mine) == payment.account_amount
        assert all(part.amount < 0 for part in mine)
    assert len({part.id for part in parts}) == len(parts)
    settled = -sum((part.amount for part in parts if part.settles_document), Decimal(0))
    assert settled <= sum((bill.amount for bill in charges), Decimal(0))
