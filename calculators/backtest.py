"""Forecasts of the past, made again from what was known then, graded beside two simple-minded ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from calculators.band import learn_band
from calculators.curve import Curve, draw_curve
from calculators.grading import KEPT_DAYS, Grade, KeptPoint, KeptProjection, grade
from calculators.habits import Habits, learn_habits
from calculators.inputs import HORIZON_DAYS, ZERO, Books, home_balance, required
from calculators.projection import keep, project
from calculators.replay import DatedBooks
from calculators.runway import NotEnoughHistory

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backtest:
    """Grades by method, in order of time: ours, everything on its due date, and the flat trend."""

    ours: tuple[Grade, ...]
    due_date: tuple[Grade, ...]
    flat_trend: tuple[Grade, ...]


def backtest(dated: DatedBooks, origins: Iterable[date]) -> Backtest:
    """One forecast per origin, earliest first; its band is learned from the grades that were in by then."""
    ours: list[Grade] = []
    due_date: list[Grade] = []
    flat_trend: list[Grade] = []
    for as_of in sorted(origins):
        books = dated.books_on(as_of)
        habits = learn_habits(books, as_of)
        band = learn_band(ours, required(books.movements, "movements"), as_of)
        actual = _balances(dated, as_of)
        ours.extend(grade(keep(project(books, habits, band)), actual))
        opening = dated.cash_on(as_of)
        due_date.extend(grade(_kept(dated, opening, due_date_curve(books, as_of, opening)), actual))
        flat_trend.extend(grade(_kept(dated, opening, flat_curve(habits, opening)), actual))
    return Backtest(tuple(ours), tuple(due_date), tuple(flat_trend))


def due_date_curve(books: Books, as_of: date, opening: Decimal) -> Curve:
    """Every open bill and invoice in full on its due date, tomorrow if that is past, and nothing else."""
    bills = ((bill.due_date, -home_balance(bill, books.currency)) for bill in required(books.bills, "bills"))
    owed = ((one.due_date, home_balance(one, books.currency)) for one in required(books.invoices, "invoices"))
    flows = [(max(due or as_of, as_of + DAY), amount) for due, amount in (*bills, *owed)]
    return draw_curve(as_of, opening, flows)


def flat_curve(habits: Habits, opening: Decimal) -> Curve:
    """The net burn of the window, day after day; flat when there is none."""
    burn = habits.burn
    daily = ZERO if isinstance(burn, NotEnoughHistory) else (burn.total_in - burn.total_out) / burn.days
    balances = tuple(opening + daily * days for days in range(HORIZON_DAYS + 1))
    return Curve(habits.as_of, balances)


def _kept(dated: DatedBooks, opening: Decimal, curve: Curve) -> KeptProjection:
    points = tuple(KeptPoint(days, curve.balances[days], None, None) for days in KEPT_DAYS)
    return KeptProjection(curve.as_of, dated.currency, opening, points)


def _balances(dated: DatedBooks, as_of: date) -> Mapping[date, Decimal]:
    ahead = (as_of + timedelta(days=days) for days in KEPT_DAYS)
    return {on: dated.cash_on(on) for on in ahead if on <= dated.last}
