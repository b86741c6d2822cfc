"""Which rhythm dates follow, and when the next one is due."""

from datetime import date, timedelta

import pytest

from calculators.cadence import find_cadence, has_ended, next_dates, repeat
from calculators.inputs import Cadence


def every(start: date, step: int, count: int) -> list[date]:
    return [start + timedelta(days=step * n) for n in range(count)]


def months(day: int, *, first: int = 1, last: int = 6) -> list[date]:
    return [date(2026, month, day) for month in range(first, last + 1)]


FRIDAY = date(2026, 1, 2)
PAID_15TH_AND_LAST = [
    date(2026, 1, 15),
    date(2026, 1, 30),
    date(2026, 2, 13),
    date(2026, 2, 27),
    date(2026, 3, 13),
    date(2026, 3, 31),
    date(2026, 4, 15),
    date(2026, 4, 30),
]


@pytest.mark.parametrize(
    ("dates", "cadence"),
    [
        (every(FRIDAY, 7, 8), Cadence.WEEKLY),
        (every(FRIDAY, 14, 6), Cadence.BIWEEKLY),
        (PAID_15TH_AND_LAST, Cadence.SEMI_MONTHLY),
        (months(5), Cadence.MONTHLY),
        ([*months(31, first=7, last=8), date(2026, 9, 30), date(2026, 10, 31)], Cadence.MONTHLY),
        ([date(2025, 10, 15), date(2026, 1, 15), date(2026, 4, 15)], Cadence.QUARTERLY),
        (every(FRIDAY, 3, 20), None),
        (every(FRIDAY, 50, 5), None),
        (every(FRIDAY, 7, 2), None),
        ([], None),
    ],
)
def test_the_rhythm_of_dates_is_found(dates: list[date], cadence: Cadence | None) -> None:
    assert find_cadence(dates) is cadence


def test_one_skipped_payment_does_not_hide_the_rhythm() -> None:
    assert find_cadence([day for day in every(FRIDAY, 7, 9) if day != date(2026, 1, 23)]) is Cadence.WEEKLY


def test_a_holiday_shifts_one_payment_and_not_the_rhythm() -> None:
    paid = [*every(FRIDAY, 7, 5), date(2026, 2, 5)]
    assert next_dates(Cadence.WEEKLY, paid, date(2026, 2, 6), date(2026, 2, 21)) == [
        date(2026, 2, 13),
        date(2026, 2, 20),
    ]


def test_month_ends_stay_month_ends() -> None:
    paid = [date(2025, 12, 31), date(2026, 1, 30), date(2026, 2, 28), date(2026, 4, 1)]
    assert next_dates(Cadence.MONTHLY, paid, date(2026, 4, 2), date(2026, 6, 30)) == [
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
    ]


def test_a_day_just_before_the_month_ends_is_counted_from_its_end() -> None:
    paid = [date(2026, 1, 29), date(2026, 3, 1), date(2026, 3, 29), date(2026, 4, 28), date(2026, 5, 29)]
    assert next_dates(Cadence.MONTHLY, paid, date(2026, 5, 30), date(2026, 7, 31)) == [
        date(2026, 6, 28),
        date(2026, 7, 29),
    ]


def test_twice_a_month_keeps_both_of_its_days() -> None:
    assert next_dates(Cadence.SEMI_MONTHLY, PAID_15TH_AND_LAST, date(2026, 5, 1), date(2026, 6, 30)) == [
        date(2026, 5, 15),
        date(2026, 5, 31),
        date(2026, 6, 15),
        date(2026, 6, 30),
    ]


def test_quarters_keep_their_months_even_when_the_last_payment_slipped_over() -> None:
    paid = [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 4, 1)]
    assert next_dates(Cadence.QUARTERLY, paid, date(2026, 4, 2), date(2026, 9, 30)) == [
        date(2026, 6, 30),
        date(2026, 9, 30),
    ]


def test_a_late_payment_is_awaited_tomorrow_within_its_grace_and_then_given_up() -> None:
    paid = every(FRIDAY, 7, 4)
    assert next_dates(Cadence.WEEKLY, paid, date(2026, 2, 1), date(2026, 2, 10)) == [date(2026, 2, 2), date(2026, 2, 6)]
    assert next_dates(Cadence.WEEKLY, paid, date(2026, 2, 2), date(2026, 2, 10)) == [date(2026, 2, 6)]
    assert next_dates(Cadence.WEEKLY, paid, date(2026, 1, 30), date(2026, 1, 30)) == []


def test_a_flow_that_stopped_has_ended() -> None:
    assert not has_ended(Cadence.MONTHLY, [date(2026, 1, 1)], date(2026, 2, 16))
    assert has_ended(Cadence.MONTHLY, [date(2026, 1, 1)], date(2026, 2, 17))


# The 15th of two of these months were no working days.
ESTIMATED = [date(2025, 9, 15), date(2026, 1, 15), date(2026, 4, 15), date(2026, 6, 16), date(2026, 9, 14)]


def test_estimated_taxes_come_again_in_their_own_months() -> None:
    assert find_cadence(ESTIMATED) is find_cadence(ESTIMATED[1:]) is Cadence.QUARTERLY
    assert next_dates(Cadence.QUARTERLY, ESTIMATED, date(2026, 11, 23), date(2027, 5, 1)) == [
        date(2027, 1, 15),
        date(2027, 4, 15),
    ]
    assert not has_ended(Cadence.QUARTERLY, ESTIMATED, date(2027, 2, 7))
    assert has_ended(Cadence.QUARTERLY, ESTIMATED, date(2027, 2, 8))


@pytest.mark.parametrize(
    "dates",
    [
        ESTIMATED[2:],
        [*ESTIMATED[:3], date(2026, 6, 22), *ESTIMATED[4:]],
        [*ESTIMATED[:3], *ESTIMATED[4:]],
        [*ESTIMATED[:4], date(2026, 8, 10)],
    ],
    ids=["too few", "on another day", "one left out", "too soon"],
)
def test_what_comes_now_and_then_is_no_tax(dates: list[date]) -> None:
    assert find_cadence(dates) is None


@pytest.mark.parametrize(
    ("cadence", "start", "expected"),
    [
        (Cadence.WEEKLY, date(2026, 1, 2), [date(2026, 1, 2), date(2026, 1, 9), date(2026, 1, 16)]),
        (Cadence.BIWEEKLY, date(2026, 1, 2), [date(2026, 1, 2), date(2026, 1, 16)]),
        (Cadence.SEMI_MONTHLY, date(2025, 12, 16), [date(2025, 12, 16), date(2026, 1, 1), date(2026, 1, 16)]),
        (Cadence.SEMI_MONTHLY, date(2025, 12, 15), [date(2025, 12, 15), date(2025, 12, 30), date(2026, 1, 15)]),
        (Cadence.MONTHLY, date(2025, 10, 31), [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31)]),
        (Cadence.QUARTERLY, date(2025, 7, 5), [date(2025, 7, 5), date(2025, 10, 5), date(2026, 1, 5)]),
    ],
)
def test_known_items_repeat_on_their_day(cadence: Cadence, start: date, expected: list[date]) -> None:
    assert list(repeat(cadence, start, date(2026, 1, 17))) == expected
