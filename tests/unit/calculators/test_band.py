"""How wide the band is, on what it rests, and how it answers to having been too narrow."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from calculators.band import Band, BandPoint, learn_band, widening
from calculators.grading import Grade, KeptPoint, KeptProjection, grade, measure_accuracy
from calculators.inputs import MovementKind
from calculators.projection import keep, project
from tests.unit.calculators.books import TODAY, bill, books, day, habits_of, moved, usd


def graded(weeks_ago: int, days: int, error: int, *, inside: bool | None = True, actual: int = 1000) -> Grade:
    as_of = TODAY - timedelta(weeks=weeks_ago)
    return Grade(as_of, days, Decimal(actual + error), Decimal(actual), inside)


def point(band: Band | None, days: int) -> BandPoint:
    assert band is not None
    return next(one for one in band.points if one.days == days)


WEEKS = tuple(moved(f"m{n}", day(-7 * n), 100 if n % 2 else -100) for n in range(13))


def test_with_enough_grades_four_of_five_errors_lie_within() -> None:
    errors = [10, -20, 30, -40, 50, -60, 70, -80, 90, 100]
    band = learn_band([graded(20 - n, 7, error, inside=None) for n, error in enumerate(errors)], (), TODAY)
    assert point(band, 7) == BandPoint(7, Decimal("90.00"), 10, Decimal(1))
    assert band is not None
    assert [one.days for one in band.points] == [7]


def test_without_grades_the_band_follows_how_much_cash_moves() -> None:
    band = learn_band((), WEEKS, TODAY)
    week = point(band, 7)
    assert (week.half_width, week.graded) == (Decimal("95.00"), 0)
    assert point(band, 28).half_width == 2 * Decimal("80.00")


def test_books_that_nobody_kept_since_make_the_cash_no_more_certain() -> None:
    stopped = tuple(replace(movement, on=movement.on - timedelta(days=210)) for movement in WEEKS)
    assert learn_band((), stopped, TODAY) == learn_band((), WEEKS, TODAY)


def test_own_transfers_are_no_scatter() -> None:
    quiet = tuple(moved(f"t{n}", day(-7 * n), 9999, kind=MovementKind.OWN_TRANSFER) for n in range(12))
    assert point(learn_band((), quiet, TODAY), 7).half_width == 0


def test_grades_that_repeat_each_other_do_not_make_the_band_narrow() -> None:
    weekly = [graded(13 + n, days, 1) for n in range(9) for days in (7, 91)]
    band = learn_band(weekly, WEEKS, TODAY)
    assert point(band, 7).half_width < 2
    assert point(band, 91).half_width > 100
    assert (point(band, 7).graded, point(band, 91).graded) == (9, 0)


def test_with_neither_grades_nor_a_month_of_movements_there_is_no_band() -> None:
    young = (moved("a", day(-20), -5), moved("later", day(3), -5))
    assert learn_band([graded(9, 7, 1)], young, TODAY) is None
    assert learn_band((), (), TODAY) is None


def test_grades_of_the_future_and_of_long_ago_are_not_looked_at() -> None:
    ahead = [graded(0, 7, 500) for _ in range(9)]
    old = [graded(53, 7, 500) for _ in range(9)]
    assert learn_band(ahead + old, (), TODAY) is None


def test_misses_widen_the_band_and_hits_let_it_relax() -> None:
    assert widening([graded(1, 7, 0, inside=False)] * 3) == Decimal("1.260")
    assert widening([graded(1, 7, 0, inside=True)] * 3) == Decimal("0.941")
    assert widening([graded(1, 7, 0, inside=None)] * 3) == 1
    assert widening([graded(1, 7, 0, inside=False)] * 99) == 3
    assert widening([graded(1, 7, 0, inside=True)] * 99) == Decimal("0.750")


def test_a_projection_is_kept_and_graded_on_the_days_that_have_come() -> None:
    given = books(1000, bills=(bill("b", 100, 10),))
    bare = keep(project(given, habits_of(given)))
    assert bare.points[0] == KeptPoint(7, Decimal(1000), None, None)
    band = Band((BandPoint(7, Decimal(50), 9, Decimal(1)),))
    kept = keep(project(given, habits_of(given), band))
    assert (kept.as_of, kept.opening) == (TODAY, Decimal(1000))
    assert [(one.days, one.expected) for one in kept.points] == [
        (7, Decimal(1000)),
        (14, Decimal(900)),
        (28, Decimal(900)),
        (56, Decimal(900)),
        (91, Decimal(900)),
    ]
    grades = grade(kept, {day(7): Decimal(960), day(14): Decimal(980), day(15): Decimal(1)})
    assert [(one.days, one.error, one.inside, one.on) for one in grades] == [
        (7, Decimal(40), True, day(7)),
        (14, Decimal(-80), False, day(14)),
    ]
    assert grade(KeptProjection(TODAY, "USD", Decimal(0), ()), {}) == ()


def test_accuracy_is_weighted_by_money_and_unknown_stays_unknown() -> None:
    grades = [graded(9, 7, 10, inside=True, actual=300), graded(8, 7, -30, inside=False, actual=-100)]
    week, fortnight, *_ = measure_accuracy([*grades, graded(5, 14, 3, inside=None, actual=0)])
    assert (week.count, week.wape, week.coverage) == (2, Decimal("0.1000"), Decimal("0.5000"))
    assert (fortnight.count, fortnight.wape, fortnight.coverage) == (1, None, None)
    assert measure_accuracy(())[3].wape is None


def test_the_width_grows_from_today_between_the_learned_days() -> None:
    band = Band((BandPoint(10, Decimal(20), 9, Decimal(1)), BandPoint(20, Decimal(40), 9, Decimal(1))))
    assert tuple(band.half_width(days) for days in (0, 5, 10, 15, 20, 90)) == usd(0, 10, 20, 30, 40, 40)
