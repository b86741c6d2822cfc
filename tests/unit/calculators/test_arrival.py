"""When money is expected of whom: early, usual and late, later for whoever is late already, and on bank days."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculators.arrival import likely_lateness, list_arrivals
from calculators.bank_days import nearest_bank_day
from calculators.lateness import Lateness, learn_lateness
from tests.unit.calculators.books import TODAY, day, settled


def learned(**late: list[int]) -> Lateness:
    """Each party with how late its settled invoices were."""
    paid = [
        settled(f"{party}{n}", -400, days, party=party) for party, all_ in late.items() for n, days in enumerate(all_)
    ]
    return learn_lateness(paid, TODAY)


def test_without_any_history_the_due_date_stands() -> None:
    assert likely_lateness(learned(), "c1", -20) == [0, 0, 0]


def test_a_punctual_customer_is_expected_on_its_usual_day() -> None:
    assert likely_lateness(learned(c1=[5] * 40), "c1", -20) == [5, 5, 5]


def test_the_cases_of_an_erratic_customer_lie_apart() -> None:
    assert likely_lateness(learned(c1=[0] * 20 + [10] * 20 + [30] * 20), "c1", -20) == [0, 10, 30]


def test_what_was_settled_sooner_says_nothing_about_what_is_later_already() -> None:
    erratic = learned(c1=[0] * 200 + [10] * 20 + [30] * 200)
    assert likely_lateness(erratic, "c1", 3)[1:] == [30, 30]
    assert likely_lateness(erratic, "c1", 12) == [30, 30, 30]


def test_beyond_all_experience_it_waits_as_long_again_half_the_time() -> None:
    assert likely_lateness(learned(c1=[5] * 40), "c1", 100) == [120, 200, 600]


def test_a_stranger_is_taken_for_one_of_all() -> None:
    crowd = learned(**{f"c{n}": [8] * 3 for n in range(30)})
    assert likely_lateness(crowd, "stranger", -5) == likely_lateness(crowd, None, -5) == [8, 8, 8]


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.integers(-30, 200), max_size=8), st.lists(st.integers(-30, 200), max_size=8), st.integers(-60, 400))
def test_whoever_is_late_already_is_not_expected_earlier(own: list[int], others: list[int], waited: int) -> None:
    lateness = learned(c1=own, c2=others)
    cases = likely_lateness(lateness, "c1", waited)
    assert cases == sorted(cases)
    assert len(cases) == 3
    assert min(cases) >= min(waited, lateness.days("c1"))
    arrivals = list_arrivals(lateness, "c1", day(-waited), TODAY, "USD")
    assert arrivals == sorted(arrivals)
    assert min(arrivals) > TODAY


@pytest.mark.parametrize(
    ("on", "currency", "expected"),
    [
        (date(2026, 11, 18), "USD", date(2026, 11, 18)),
        (date(2026, 11, 21), "USD", date(2026, 11, 20)),
        (date(2026, 11, 22), "USD", date(2026, 11, 23)),
        (date(2026, 11, 26), "USD", date(2026, 11, 27)),
        (date(2026, 11, 26), "EUR", date(2026, 11, 26)),
        (date(2027, 7, 4), "USD", date(2027, 7, 6)),
        (date(2026, 7, 4), "USD", date(2026, 7, 3)),
    ],
)
def test_money_arrives_on_the_nearest_bank_day(on: date, currency: str, expected: date) -> None:
    assert nearest_bank_day(on, currency, earliest=date(2026, 1, 1)) == expected


def test_a_saturday_waits_for_monday_when_friday_is_over() -> None:
    assert nearest_bank_day(date(2026, 11, 21), "USD", earliest=date(2026, 11, 21)) == date(2026, 11, 23)


def test_the_holidays_of_2026_are_those_the_federal_reserve_lists() -> None:
    listed = [(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)]
    for month, number in listed:
        holiday = date(2026, month, number)
        assert nearest_bank_day(holiday, "USD", earliest=holiday) > holiday
    workdays = [on for n in range(365) if (on := date.fromordinal(date(2026, 1, 1).toordinal() + n)).weekday() < 5]
    assert sum(nearest_bank_day(on, "USD", earliest=on) != on for on in workdays) == len(listed)
