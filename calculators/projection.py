"""Thirteen weeks of cash, day by day: what is committed, and what it becomes if business goes on at its pace.

*Committed* counts what stands in the books or was announced: open bills at their planned dates, open invoices by
probability, known items, and spend that never becomes a bill. Marks, status, guardrails and impacts rest on it alone.
*At trend* adds bills and sales that nobody has entered yet, at the pace of the last 91 days; it is the forecast that is
kept and graded. The two relate as the two runway figures do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from calculators.assumptions import Assumption, largest_assumptions
from calculators.band import Band
from calculators.baseline import Series
from calculators.cash import count_cash
from calculators.claims import expected_dates
from calculators.curve import Curve, Mark, draw_curve
from calculators.flows import (
    Flow,
    FlowKind,
    bill_flows,
    horizon_end,
    invoice_flows,
    known_flows,
    list_claims,
    usual_bill_flows,
)
from calculators.grading import KEPT_DAYS, KeptPoint, KeptProjection
from calculators.habits import Habits
from calculators.inputs import ZERO, Books, MovementKind
from calculators.trend import daily_flows, ramped_flows


class When(StrEnum):
    NOW = "now"
    END_OF_WEEK = "end_of_week"
    WEEKS_2 = "weeks_2"
    WEEKS_4 = "weeks_4"
    WEEKS_8 = "weeks_8"
    WEEKS_13 = "weeks_13"


WEEKS = {When.WEEKS_2: 2, When.WEEKS_4: 4, When.WEEKS_8: 8, When.WEEKS_13: 13}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    when: When
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DayRow:
    """`closing` = `opening` + receipts - payments; `flows` add up to it."""

    on: date
    opening: Decimal
    receipts: Decimal
    payments: Decimal
    closing: Decimal
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One way to look ahead: from `opening`, `flows` from today to 91 days on draw `curve`."""

    opening: Decimal
    flows: tuple[Flow, ...]
    curve: Curve
    floor: Decimal

    @property
    def low_water(self) -> Mark:
        return self.curve.low_water

    @property
    def first_below_floor(self) -> date | None:
        return self.curve.first_below(self.floor)

    @property
    def first_below_zero(self) -> date | None:
        return self.curve.first_below(ZERO)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Cash now is what the bank holds before anything planned for today; a week ends on its Sunday."""
        now = self.curve.as_of
        days = {When.END_OF_WEEK: (6 - now.weekday()) or 7} | {when: 7 * weeks for when, weeks in WEEKS.items()}
        ahead = ((when, now + timedelta(days=count)) for when, count in days.items())
        return (
            Checkpoint(When.NOW, now, self.opening),
            *(Checkpoint(when, on, self.curve.on(on)) for when, on in ahead),
        )

    def day(self, on: date) -> DayRow:
        """What moves the cash on one day of the 13 weeks."""
        index = self.curve.index(on)
        flows = tuple(flow for flow in self.flows if flow.on == on)
        return DayRow(
            on=on,
            opening=self.curve.balances[index - 1] if index else self.opening,
            receipts=sum((flow.amount for flow in flows if flow.amount > 0), ZERO),
            payments=-sum((flow.amount for flow in flows if flow.amount < 0), ZERO),
            closing=self.curve.balances[index],
            flows=flows,
        )


@dataclass(frozen=True, slots=True)
class Projection:
    """Set-aside money is still in the bank and therefore in both views; `band` surrounds the view at trend."""

    as_of: date
    currency: str
    committed: View
    at_trend: View
    assumptions: tuple[Assumption, ...]
    band: Band | None

    def band_on(self, day: date) -> tuple[Decimal, Decimal] | None:
        """Between which balances `day` is expected to end four times out of five; None without a band."""
        if self.band is None:
            return None
        expected = self.at_trend.curve.on(day)
        half = self.band.half_width(self.at_trend.curve.index(day))
        return expected - half, expected + half


def project(books: Books, habits: Habits, band: Band | None = None) -> Projection:
    """The 13 weeks from `habits.as_of`, which must have been learned from the same books."""
    as_of, opening = habits.as_of, count_cash(books).cash_book
    expected = expected_dates(habits.series, list_claims(books, as_of, habits.vendors), as_of, horizon_end(as_of))
    shared = [
        *invoice_flows(books, as_of, habits.customers, habits.collection),
        *known_flows(books, as_of),
        *_series_flows(habits, expected, FlowKind.RECURRING),
        *_irregular_spend(habits),
    ]
    planned = bill_flows(books, as_of)
    in_the_books = [*planned, *shared]
    ahead = [*usual_bill_flows(books, planned, habits.vendors), *shared, *_not_yet_entered(habits, expected)]
    return Projection(
        as_of=as_of,
        currency=books.currency,
        committed=_view(books, as_of, opening, in_the_books),
        at_trend=_view(books, as_of, opening, ahead),
        assumptions=largest_assumptions(in_the_books, as_of, horizon_end(as_of)),
        band=band,
    )


def keep(projection: Projection) -> KeptProjection:
    """What to store of this projection so that it can be graded when its days have come."""
    points = []
    for days in KEPT_DAYS:
        on = projection.as_of + timedelta(days=days)
        low, high = projection.band_on(on) or (None, None)
        points.append(KeptPoint(days, projection.at_trend.curve.on(on), low, high))
    return KeptProjection(projection.as_of, projection.currency, projection.at_trend.opening, tuple(points))


def _view(books: Books, as_of: date, opening: Decimal, flows: list[Flow]) -> View:
    end = horizon_end(as_of)
    seen = tuple(flow for flow in flows if flow.on <= end)
    curve = draw_curve(as_of, opening, ((flow.on, flow.amount) for flow in seen))
    return View(opening, seen, curve, books.policy.floor_cash)


def _series_flows(habits: Habits, expected: Mapping[str, tuple[date, ...]], kind: FlowKind) -> Iterator[Flow]:
    for series in habits.series:
        if _kind_of(series) is kind:
            for on in expected[series.key]:
                yield Flow(kind, series.key, series.label, on, series.amount, series.party_id)


def _kind_of(series: Series) -> FlowKind:
    if series.amount > 0:
        return FlowKind.NEW_SALES
    if series.kind is MovementKind.OWNER_DRAW:
        return FlowKind.OWNER_DRAW
    return FlowKind.UNENTERED_BILL if series.billed else FlowKind.RECURRING


def _irregular_spend(habits: Habits) -> Iterator[Flow]:
    if habits.irregular is not None:
        yield from daily_flows(FlowKind.IRREGULAR, "other spend", habits.irregular.spent, habits.as_of)


def _not_yet_entered(habits: Habits, expected: Mapping[str, tuple[date, ...]]) -> Iterator[Flow]:
    yield from _series_flows(habits, expected, FlowKind.UNENTERED_BILL)
    yield from _series_flows(habits, expected, FlowKind.NEW_SALES)
    yield from _series_flows(habits, expected, FlowKind.OWNER_DRAW)
    pace, as_of = habits.irregular, habits.as_of
    if pace is not None:
        yield from daily_flows(FlowKind.NEW_SALES, "sales", pace.sold, as_of)
        yield from ramped_flows(FlowKind.NEW_BILLS, "new bills", pace.billed, habits.bill_delay, as_of)
        yield from ramped_flows(FlowKind.NEW_INVOICES, "new invoices", pace.collected, habits.invoice_delay, as_of)
