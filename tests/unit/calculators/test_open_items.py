"""Aging, days outstanding and data quality of what is open."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.aging import age_items, days_outstanding
from calculators.data_quality import OpenRecord, measure_quality
from calculators.lateness import Age
from tests.unit.calculators.books import TODAY, bill, day, invoice, settled, usd


def test_open_items_fall_into_five_buckets_that_add_up() -> None:
    owed = [invoice("a", 10, 5), invoice("b", 20, -1), invoice("c", 30, -31), invoice("d", 40, -90)]
    rest = [invoice("e", 50, -91), invoice("f", 5, None), invoice("credit", -7, -2)]
    aging = age_items([*owed, *rest], TODAY, "USD")
    assert [bucket.age for bucket in aging.buckets] == list(Age)
    assert tuple(bucket.total for bucket in aging.buckets) == usd(15, 13, 30, 40, 50)
    assert aging.total == 148
    assert aging.undated_ids == ("f",)
    assert aging.buckets[1].ids == ("b", "credit")


def test_bills_age_in_home_currency() -> None:
    abroad = replace(bill("b", 10, -5), currency="EUR", rate=Decimal("1.5"))
    assert age_items([abroad], TODAY, "USD").total == 15


def test_days_outstanding_relate_what_is_open_to_what_was_issued() -> None:
    open_ones = [
        invoice("a", 100),
        replace(invoice("old", 50), txn_date=day(-91)),
        replace(invoice("u", 32), txn_date=None),
    ]
    closed = [settled("s", -20, 0, 264), settled("before", -80, 0, 999), settled("later", -20, 30, 999)]
    assert days_outstanding(open_ones, closed, TODAY, "USD") == Decimal("45.5")


def test_without_anything_issued_there_are_no_days_outstanding() -> None:
    assert days_outstanding([replace(bill("old", 50), txn_date=day(-200))], (), TODAY, "USD") is None


def record(balance: int | Decimal, *, unclean: bool = False) -> OpenRecord:
    return OpenRecord(f"{balance}", Decimal(balance), unclean)


@pytest.mark.parametrize(
    ("records", "score"),
    [
        ([record(100)], 100),
        ([record(100, unclean=True)], 0),
        ([record(900), record(100, unclean=True)], 74),
        ([record(1000, unclean=True), record(0)], 20),
        ([record(375), record(625, unclean=True)], 42),
        ([], None),
        ([record(0)], None),
    ],
)
def test_quality_weighs_money_by_six_and_number_by_four(records: list[OpenRecord], score: int | None) -> None:
    assert measure_quality(records).score == score


def test_quality_names_its_records() -> None:
    quality = measure_quality([record(3), record(-4, unclean=True)])
    assert (quality.clean_ids, quality.unclean_ids) == (("3",), ("-4",))
    assert (quality.clean_balance, quality.open_balance) == usd(3, 7)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.decimals(-1000, 1000, places=2), st.booleans()), max_size=8))
def test_quality_is_a_percentage_and_cleaning_never_lowers_it(entries: list[tuple[Decimal, bool]]) -> None:
    records = [record(balance, unclean=unclean) for balance, unclean in entries]
    score = measure_quality(records).score
    cleaned = measure_quality([replace(one, unclean=False) for one in records]).score
    assert (score is None) == (cleaned is None)
    if score is not None and cleaned is not None:
        assert 0 <= score <= cleaned == 100
