"""Own lateness shrunk towards everybody's, and the share of receivables that comes in by age."""

from dataclasses import replace
from decimal import Decimal

import pytest

from calculators.lateness import (
    DEFAULT_PROBABILITY,
    Age,
    age_of,
    learn_collection,
    learn_lateness,
    settled_share_by_day,
)
from tests.unit.calculators.books import TODAY, invoice, settled, usd


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-5, Age.CURRENT),
        (0, Age.CURRENT),
        (1, Age.DAYS_1_30),
        (30, Age.DAYS_1_30),
        (31, Age.DAYS_31_60),
        (60, Age.DAYS_31_60),
        (61, Age.DAYS_61_90),
        (90, Age.DAYS_61_90),
        (91, Age.OVER_90),
        (999, Age.OVER_90),
    ],
)
def test_ages_are_those_of_an_aging_report(days: int, age: Age) -> None:
    assert age_of(days) is age


def test_few_observations_say_little_and_many_say_all() -> None:
    crowd = [settled(f"x{n}", -60, 2, party=f"x{n}") for n in range(9)]
    once = [settled("once", -60, 22, party="once")]
    often = [settled(f"often{n}", -60, 22, party="often") for n in range(36)]
    lateness = learn_lateness(crowd + once, TODAY)
    assert (lateness.days("once"), lateness.days("x1"), lateness.days("stranger"), lateness.days(None)) == (6, 2, 2, 2)
    assert list(lateness.observed["once"]) == [22]
    steady = learn_lateness(crowd * 9 + often, TODAY)
    assert steady.days("often") == 20


def test_medians_ignore_the_one_that_took_a_year_and_what_never_came() -> None:
    paid = [settled(f"s{n}", -400, late) for n, late in enumerate((3, 3, 4, 300))]
    lost = [
        settled("lost", -400, 350, written_off=True),
        settled("later", -2, 3),
        replace(settled("u", -90, 1), due=None),
    ]
    assert learn_lateness(paid + lost, TODAY).days("c1") == 4


def test_without_any_history_the_due_date_stands() -> None:
    lateness = learn_lateness((), TODAY)
    assert (lateness.usual, lateness.days("c1")) == (None, 0)
    nameless = learn_lateness([settled("s", -60, 5, party=None)], TODAY)
    assert (nameless.usual, nameless.days("c1"), dict(nameless.by_party)) == (5, 5, {})


def test_early_payers_are_early() -> None:
    assert learn_lateness([settled(f"s{n}", -60, -4) for n in range(3)], TODAY).days("c1") == -4


def test_collection_rests_on_documented_defaults_until_enough_is_known() -> None:
    few = [settled(f"s{n}", -300, 0) for n in range(19)]
    collection = learn_collection(few, (), TODAY)
    assert dict(collection.probability) == DEFAULT_PROBABILITY
    assert collection.learned == frozenset()


def test_collection_is_learned_from_what_was_paid_lost_and_never_came() -> None:
    paid = [settled(f"p{n}", -300, 0) for n in range(50)]
    late = [settled(f"l{n}", -300, 40) for n in range(10)]
    lost = [settled(f"w{n}", -300, 120, written_off=True) for n in range(10)]
    stuck = [invoice(f"i{n}", 5, -200) for n in range(10)]
    fresh = [invoice("f", 5, -100), replace(invoice("u", 5, None), txn_date=None)]
    collection = learn_collection([*paid, *late, *lost, settled("future", -1, 5)], [*stuck, *fresh], TODAY)
    assert collection.learned == frozenset(Age)
    assert collection.probability[Age.CURRENT] == Decimal("0.7900")
    assert collection.probability[Age.DAYS_1_30] == Decimal("0.5600")
    assert collection.probability[Age.OVER_90] == Decimal("0.2600")


def test_an_older_debt_is_never_more_certain() -> None:
    lost_early = [settled(f"w{n}", -300, 0, written_off=True) for n in range(60)]
    probability = learn_collection(lost_early, (), TODAY).probability
    assert [probability[age] for age in Age] == sorted(probability.values(), reverse=True)


def test_the_share_that_comes_in_by_day_is_weighted_by_money() -> None:
    settled_ones = [
        settled("a", -60, -20, 100),
        settled("b", -60, 0, 300),
        settled("w", -60, 0, 999, written_off=True),
        settled("later", -1, 9, 999),
    ]
    shares = settled_share_by_day(settled_ones, TODAY, 31)
    assert (shares[9], shares[10], shares[29], shares[30]) == usd("0", "0.25", "0.25", "1")
    unknown = settled_share_by_day((), TODAY, 31)
    assert (unknown[0], unknown[29], unknown[30], unknown[31]) == usd(0, 0, 1, 1)
