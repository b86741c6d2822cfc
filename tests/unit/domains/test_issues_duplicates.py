"""Likely duplicates: found within the rule's bounds, named once per pair, fast on many bills of one vendor."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.bills import Bill
from domains.issues.catalogue import Issue, IssueCode, RecordKind
from domains.issues.survey import survey
from tests.unit.domains.issue_records import PURCHASE, TODAY, a_bill, books, days


def pair(**changes: Any) -> tuple[Bill, Bill]:
    """An older bill and a younger one of the same vendor with other numbers and far amounts, but for the changes."""
    younger = {"id": "2", "doc_number": "other", "txn_date": TODAY, "total": Decimal(500)}
    return a_bill(txn_date=days(-30)), a_bill(**{**younger, **changes})


def found(*bills: Bill, **sets: Any) -> list[Issue]:
    issues = survey(books(bills=bills, **sets))
    return [issue for issue in issues if issue.code is IssueCode.LIKELY_DUPLICATE]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"doc_number": "N-1"}, True),
        ({"doc_number": " n-1 "}, True),
        ({"doc_number": "N-1", "vendor_id": "57"}, False),
        ({"doc_number": ""}, False),
        ({"total": Decimal(100), "txn_date": days(-23)}, True),
        ({"total": Decimal(100), "txn_date": days(-22)}, False),
        ({"total": Decimal("101.01"), "txn_date": days(-30)}, True),
        ({"total": Decimal("101.02"), "txn_date": days(-30)}, False),
        ({"total": Decimal("99.00"), "txn_date": days(-30)}, True),
        ({"total": Decimal("98.99"), "txn_date": days(-30)}, False),
        ({"total": Decimal(100), "txn_date": days(-30), "currency": "EUR", "exchange_rate": Decimal(1)}, False),
        ({"total": Decimal(100), "txn_date": None}, False),
        ({"total": Decimal(-100), "txn_date": days(-30)}, False),
    ],
)
def test_the_rule_at_its_bounds(changes: dict[str, Any], *, expected: bool) -> None:
    assert bool(found(*pair(**changes))) is expected


@pytest.mark.parametrize("larger", [Decimal(271), Decimal(733), Decimal(1170)])
def test_amounts_exactly_one_percent_apart_are_found_at_every_size(larger: Decimal) -> None:
    older, younger = pair(total=larger, txn_date=days(-29))
    assert found(replace(older, total=larger * 99 / 100), younger)


def test_a_bill_entered_twice_with_a_wrong_sign_is_entered_twice() -> None:
    twins = pair(total=Decimal(-100), txn_date=days(-30))
    assert [issue.key.qbo_id for issue in found(replace(twins[0], total=Decimal(-101)), twins[1])] == ["2"]
    assert found(replace(twins[0], total=Decimal(0)), replace(twins[1], total=Decimal(0))) == []


def test_a_pair_is_named_once_on_the_younger_bill_and_names_its_twin() -> None:
    (issue,) = found(*pair(doc_number="N-1"))
    assert issue.key.qbo_id == "2"
    assert issue.facts.twin is not None
    assert (issue.facts.twin.key.qbo_id, issue.facts.twin.same_number) == ("1", True)


def test_a_paid_bill_and_a_purchase_can_be_the_twin_of_an_open_bill() -> None:
    open_bill = pair(doc_number="N-1")[1]
    (paid,) = found(open_bill, paid_bills=(a_bill(balance=Decimal(0), txn_date=TODAY + timedelta(days=3)),))
    assert paid.key.qbo_id == "2", "the open one is questioned, also when the paid one is younger"
    (bought,) = found(a_bill(txn_date=TODAY), purchases=(PURCHASE,))
    assert bought.facts.twin is not None
    assert bought.facts.twin.key.kind is RecordKind.PURCHASE


def test_refunds_and_voided_bills_are_no_twins() -> None:
    assert found(a_bill(txn_date=TODAY), purchases=(replace(PURCHASE, refund=True),)) == []
    assert found(a_bill(), paid_bills=(a_bill(id="2", voided=True),)) == []


amounts = st.decimals(min_value=1, max_value=5000, places=2)


@given(st.lists(st.tuples(amounts, st.integers(0, 40)), min_size=2, max_size=12))
def test_the_fast_search_finds_what_comparing_all_with_all_finds(drawn: list[tuple[Decimal, int]]) -> None:
    bills = [
        a_bill(id=str(index), doc_number=None, total=total, txn_date=days(-ago))
        for index, (total, ago) in enumerate(drawn)
    ]
    order = sorted(bills, key=lambda bill: (bill.txn_date, len(bill.id), bill.id))
    expected = {
        later.id
        for place, later in enumerate(order)
        for earlier in order[:place]
        if abs(later.txn_date - earlier.txn_date) <= timedelta(days=7)  # type: ignore[operator]
        and abs(later.total - earlier.total) <= Decimal("0.01") * max(later.total, earlier.total)  # type: ignore[operator, type-var]
    }
    assert {issue.key.qbo_id for issue in found(*bills)} == expected
