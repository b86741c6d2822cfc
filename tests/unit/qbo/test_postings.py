"""Every cash document is split into what went where, and the parts add up to what really moved."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domains.mirror import Entity
from domains.qbo.postings import Posting, postings_of
from domains.qbo.wire import header_of

BASE: dict[str, Any] = {"Id": "1", "TxnDate": "2026-11-11", "CurrencyRef": {"value": "USD"}}
CHECKING, SAVINGS, CARD, RENT = "35", "36", "41", "70"


def post(entity: Entity, **document: Any) -> tuple[Posting, ...]:
    body = json.dumps({**BASE, **document}).encode()
    return postings_of(entity, "1", header_of(body), body)


def moved(postings: tuple[Posting, ...]) -> list[tuple[str, Decimal, str | None]]:
    return [(one.account_id, one.amount, one.counter_id) for one in postings]


def expense(amount: float, account: str | None) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}} if account else {},
    }


def test_a_bill_payment_by_check_takes_its_net_total_from_the_bank() -> None:
    """A vendor credit that was used along makes the total smaller than the bill it pays."""
    postings = post(
        Entity.BILL_PAYMENT,
        TotalAmt=240.0,
        CheckPayment={"BankAccountRef": {"value": CHECKING}},
        Line=[{"Amount": 300.0, "LinkedTxn": [{"TxnId": "420", "TxnType": "Bill"}]}, {"Amount": 60.0}],
    )
    assert moved(postings) == [(CHECKING, Decimal(-240), None)]
    assert postings[0].settles


def test_a_bill_payment_that_only_applies_credits_moves_nothing() -> None:
    assert post(Entity.BILL_PAYMENT, TotalAmt=0, CheckPayment={"BankAccountRef": {"value": CHECKING}}) == ()


def test_a_bill_paid_by_card_moves_the_card() -> None:
    postings = post(Entity.BILL_PAYMENT, TotalAmt=9, CreditCardPayment={"CCAccountRef": {"value": CARD}})
    assert moved(postings) == [(CARD, Decimal(-9), None)]


def test_a_purchase_is_split_by_what_it_was_for_and_tax_is_its_rest() -> None:
    lines = [expense(100.0, RENT), expense(20.0, "71")]
    postings = post(Entity.PURCHASE, AccountRef={"value": CHECKING}, TotalAmt=126.0, Line=lines)
    assert moved(postings) == [
        (CHECKING, Decimal(-100), RENT),
        (CHECKING, Decimal(-20), "71"),
        (CHECKING, Decimal(-6), None),
    ]


def test_a_card_payoff_recorded_as_a_credit_purchase_comes_out_of_checking() -> None:
    postings = post(
        Entity.PURCHASE, AccountRef={"value": CARD}, Credit=True, TotalAmt=900, Line=[expense(900, CHECKING)]
    )
    assert moved(postings) == [(CARD, Decimal(900), CHECKING)]


def test_a_deposit_takes_payments_to_the_bank_and_names_them() -> None:
    postings = post(
        Entity.DEPOSIT,
        DepositToAccountRef={"value": CHECKING},
        TotalAmt=2300.0,
        CashBack={"AccountRef": {"value": SAVINGS}, "Amount": 200.0},
        Line=[
            {"Amount": 2000.0, "LinkedTxn": [{"TxnId": "402", "TxnType": "Payment"}], "DepositLineDetail": {}},
            {"Amount": 500.0, "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": {"value": "44"}}},
        ],
    )
    assert moved(postings) == [
        (CHECKING, Decimal(2000), None),
        (CHECKING, Decimal(500), "44"),
        (CHECKING, Decimal(-200), SAVINGS),
    ]
    assert (postings[0].link_entity, postings[0].link_id, postings[0].settles) == ("Payment", "402", True)


def test_a_transfer_is_one_posting_with_two_sides() -> None:
    postings = post(Entity.TRANSFER, Amount=1500.0, FromAccountRef={"value": CHECKING}, ToAccountRef={"value": SAVINGS})
    assert moved(postings) == [(SAVINGS, Decimal(1500), CHECKING)]


def test_a_payroll_journal_matches_the_largest_sides() -> None:
    def line(amount: int, side: str, account: str) -> dict[str, Any]:
        return {"Amount": amount, "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}}}

    lines = [line(8000, "Debit", "71"), line(2000, "Debit", "72"), line(8000, "Credit", CHECKING)]
    postings = post(Entity.JOURNAL_ENTRY, TotalAmt=0, Line=[*lines, line(2000, "Credit", "43")])
    assert moved(postings) == [("71", Decimal(8000), CHECKING), ("72", Decimal(2000), "43")]


def test_a_foreign_amount_is_kept_beside_its_home_value() -> None:
    (posting,) = post(Entity.PAYMENT, TotalAmt=100, ExchangeRate=0.726, DepositToAccountRef={"value": CHECKING})
    assert (posting.amount, posting.home_amount) == (Decimal(100), Decimal("72.60"))


amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


@given(lines=st.lists(amounts, max_size=8), total=amounts)
def test_postings_of_a_purchase_always_add_up_to_its_total(lines: list[Decimal], total: Decimal) -> None:
    split = [expense(float(amount), RENT) for amount in lines]
    postings = post(Entity.PURCHASE, AccountRef={"value": CHECKING}, TotalAmt=float(total), Line=split)
    assert sum((one.amount for one in postings), Decimal(0)) == -total


@given(sides=st.lists(st.tuples(st.sampled_from(["1", "2", "3", "4", "5"]), amounts), min_size=1, max_size=10))
def test_a_balanced_journal_moves_each_account_by_its_own_net(sides: list[tuple[str, Decimal]]) -> None:
    rest = -sum((amount for _, amount in sides), Decimal(0))
    every = [*sides, ("9", rest)]
    lines = [
        {
            "Amount": float(abs(amount)),
            "JournalEntryLineDetail": {
                "PostingType": "Debit" if amount >= 0 else "Credit",
                "AccountRef": {"value": account},
            },
        }
        for account, amount in every
    ]
    postings = post(Entity.JOURNAL_ENTRY, Line=lines)
    for account in {account for account, _ in every}:
        net = sum((amount for name, amount in every if name == account), Decimal(0))
        onto = sum((one.amount for one in postings if one.account_id == account), Decimal(0))
        off = sum((one.amount for one in postings if one.counter_id == account), Decimal(0))
        assert onto - off == net
