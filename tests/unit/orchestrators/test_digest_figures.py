"""What moved the runway: causes that add up, to the cent and to the tenth of a day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from calculators.inputs import Movement, MovementKind, MovementSource
from kit.money import Money
from orchestrators.digest_figures import WeekFigures, describe_change, measure_change
from orchestrators.results.digest import Move, MoveKind, Period, Variance

LAST = date(2026, 11, 16)
NOW = date(2026, 11, 23)


def figures(on: date = NOW, **changes: object) -> WeekFigures:
    base = WeekFigures(
        period=Period.of(on),
        on=on,
        currency="USD",
        cash_book=Decimal(45_000),
        set_aside=Decimal(0),
        approved=Decimal(0),
        runway=Decimal("45.0"),
        burned=Decimal(91_000),
        burn_days=91,
        low_water=Decimal(12_000),
        data_quality=80,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def moved(amount: str, *, of: str = "m1", kind: MovementKind = MovementKind.OPERATING, on: date = NOW) -> Movement:
    return Movement(
        of, on, Decimal(amount), kind, MovementSource.DEPOSIT, None, None, None, None, settles_document=False
    )


def explain_change(then: WeekFigures, now: WeekFigures, movements: list[Movement]) -> Variance:
    return describe_change(then, now, measure_change(then, now, movements))


def by_kind(variance: Variance) -> dict[MoveKind, Move]:
    return {move.kind: move for move in variance.moves}


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_receipts_and_payments_are_told_apart_with_the_days_they_are_worth() -> None:
    then, now = figures(LAST), figures(cash_book=Decimal(47_000), runway=Decimal("47.0"))
    moves = by_kind(explain_change(then, now, [moved("5000"), moved("-3000", of="m2")]))
    assert moves[MoveKind.RECEIPTS] == Move(MoveKind.RECEIPTS, usd("5000"), Decimal("5.0"), 1)
    assert moves[MoveKind.PAYMENTS] == Move(MoveKind.PAYMENTS, usd("-3000"), Decimal("-3.0"), 1)
    assert moves.keys() == {MoveKind.RECEIPTS, MoveKind.PAYMENTS}


def test_cash_that_no_dated_movement_explains_is_restated_books() -> None:
    then, now = figures(LAST), figures(cash_book=Decimal(44_000), runway=Decimal("44.0"))
    assert by_kind(explain_change(then, now, []))[MoveKind.RESTATED].amount == usd("-1000")


def test_paying_an_approved_bill_moves_nothing_in_sum() -> None:
    then = figures(LAST, approved=Decimal(2_000), runway=Decimal("43.0"))
    now = figures(cash_book=Decimal(43_000), runway=Decimal("43.0"))
    variance = explain_change(then, now, [moved("-2000")])
    assert variance.available == usd("0")
    assert variance.runway_days == 0
    assert by_kind(variance)[MoveKind.PAYMENTS].amount == usd("-2000")
    assert by_kind(variance)[MoveKind.APPROVALS].amount == usd("2000")


def test_a_changed_burn_rate_is_the_pace() -> None:
    then, now = figures(LAST), figures(runway=Decimal("36.0"), burned=Decimal(1_250 * 91))
    assert explain_change(then, now, []).moves == (Move(MoveKind.PACE, None, Decimal("-9.0")),)


def test_what_was_known_on_the_day_of_the_last_digest_is_not_told_twice() -> None:
    then = figures(LAST, moved_today=frozenset({"m1"}))
    now = figures(cash_book=Decimal(44_000), runway=Decimal("44.0"))
    moves = by_kind(explain_change(then, now, [moved("700", on=LAST), moved("-1000", of="m2", on=LAST)]))
    assert moves[MoveKind.PAYMENTS].amount == usd("-1000")
    assert MoveKind.RECEIPTS not in moves
    assert MoveKind.RESTATED not in moves


def test_owner_draws_are_neither_receipts_nor_payments() -> None:
    then, now = figures(LAST), figures(cash_book=Decimal(43_000), runway=Decimal("43.0"))
    moves = by_kind(explain_change(then, now, [moved("-2000", kind=MovementKind.OWNER_DRAW)]))
    assert moves.keys() == {MoveKind.OTHER}


def test_new_bills_are_named_without_days_until_they_count() -> None:
    then = figures(LAST, open_bills=(("B-1", Decimal(100)),))
    now = figures(open_bills=(("B-1", Decimal(100)), ("B-2", Decimal(900)), ("B-3", Decimal(50))))
    assert explain_change(then, now, []).moves == (Move(MoveKind.NEW_BILLS, usd("-950"), None, 2),)


def test_an_unknown_runway_has_no_days() -> None:
    then, now = figures(LAST, runway=None, burned=None, burn_days=None), figures(cash_book=Decimal(46_000))
    variance = explain_change(then, now, [moved("1000")])
    assert variance.runway_days is None
    assert [move.days for move in variance.moves] == [None]


def test_nothing_moved_is_no_move() -> None:
    assert explain_change(figures(LAST), figures(), []).moves == ()


AMOUNTS = st.decimals(min_value=-90_000, max_value=90_000, places=2, allow_nan=False, allow_infinity=False)
POSITIVE = st.decimals(min_value=1, max_value=90_000, places=2, allow_nan=False, allow_infinity=False)


@given(
    cash=st.tuples(AMOUNTS, AMOUNTS),
    pots=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE),
    burns=st.tuples(POSITIVE, POSITIVE),
    amounts=st.lists(AMOUNTS, max_size=6),
)
def test_the_causes_add_up_to_the_change(
    cash: tuple[Decimal, Decimal],
    pots: tuple[Decimal, Decimal, Decimal, Decimal],
    burns: tuple[Decimal, Decimal],
    amounts: list[Decimal],
) -> None:
    """Amounts to the change of available cash, days to the change of the runway."""
    then = _week(LAST, cash[0], pots[0], pots[1], burns[0])
    now = _week(NOW, cash[1], pots[2], pots[3], burns[1])
    movements = [moved(str(amount), of=f"m{number}") for number, amount in enumerate(amounts)]
    variance = explain_change(then, now, movements)
    counted = [move for move in variance.moves if move.kind is not MoveKind.NEW_BILLS]
    assert sum((move.amount.amount for move in counted if move.amount), Decimal(0)) == now.available - then.available
    assert then.runway is not None
    assert now.runway is not None
    assert sum((move.days for move in counted if move.days is not None), Decimal(0)) == now.runway - then.runway


def _week(on: date, cash: Decimal, aside: Decimal, approved: Decimal, burn: Decimal) -> WeekFigures:
    runway = max(Decimal(0), (cash - aside - approved) / burn).quantize(Decimal("0.1"))
    return figures(on, cash_book=cash, set_aside=aside, approved=approved, runway=runway, burned=burn * 91)


def test_each_digest_carries_the_weeks_before_it() -> None:
    first = figures(LAST - timedelta(weeks=1)).continuing(None)
    second = figures(LAST, cash_book=Decimal(1)).continuing(first)
    third = figures(NOW).continuing(second)
    assert [point.period for point in third.trend] == [first.period, second.period]
    assert third.trend[1].available == usd("1")


def test_a_second_digest_of_a_week_does_not_count_that_week_twice() -> None:
    first = figures(LAST).continuing(None)
    again = figures(LAST + timedelta(days=2)).continuing(first)
    assert again.trend == ()


def test_a_year_of_weeks_is_kept_and_no_more() -> None:
    week = figures(date(2024, 1, 1)).continuing(None)
    for number in range(1, 80):
        week = figures(date(2024, 1, 1) + timedelta(weeks=number)).continuing(week)
    assert len(week.trend) == 53
    assert week.trend[-1].period == Period.of(date(2024, 1, 1) + timedelta(weeks=78))
