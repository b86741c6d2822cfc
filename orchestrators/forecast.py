"""The 13-week forecast, and "why?" behind every figure."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from sqlalchemy import select

from calculators.assumptions import LEFT_OUT, AssumptionKind
from calculators.assumptions import Assumption as Guess
from calculators.band import learn_band
from calculators.grading import Grade
from calculators.inputs import ZERO, required
from calculators.projection import Checkpoint, Projection, When
from domains.issues.catalogue import RecordKind
from domains.people import Act, Caller, require
from kit.money import Money
from orchestrators.base import BaseDataOrchestrator, bounds, page_of
from orchestrators.desk import Desk
from orchestrators.figures import cash_line, low_water_of, runway_line
from orchestrators.projection_grades import ForecastGradeRow
from orchestrators.references import ref_of
from orchestrators.results.basis import Condition, Page, Unknown
from orchestrators.results.forecast import Assumption, Figure, ForecastResult, Mark, Outlook, Point, WhyResult
from orchestrators.why import MARKS, Reasoning, openable, reason_for


@dataclass(frozen=True, slots=True)
class ForecastOrchestrator(BaseDataOrchestrator):
    async def get_forecast(self, caller: Caller | None) -> ForecastResult:
        await self._may_see(caller)
        desk = await self.load()
        return ForecastResult(
            health=desk.health,
            cash=cash_line(desk),
            runway=runway_line(desk),
            outlook=outlook_of(desk, await self._banded(desk)),
            figures=openable(desk),
        )

    async def why(self, caller: Caller | None, figure: Figure, *, page: int = 1, per_page: int = 10) -> WhyResult:
        """The rows that make the figure, a page of them. Unknown figures say why they are."""
        await self._may_see(caller)
        desk = await self.load()
        found = reason_for(desk, figure)
        if isinstance(found, Condition):
            return _unexplained(desk, figure, found)
        where = page_of(len(found.rows), page, per_page)
        return _explained(desk, figure, found, where, per_page)

    async def _may_see(self, caller: Caller | None) -> None:
        if caller is not None:
            await require(self.session, caller, Act.SEE)

    async def _banded(self, desk: Desk) -> Projection | Condition:
        """With the band that this business's own graded forecasts earned."""
        projection = desk.reckoning.projection
        if isinstance(projection, Condition):
            return projection
        rows = (await self.session.execute(select(ForecastGradeRow).order_by(ForecastGradeRow.as_of))).scalars()
        grades = [Grade(row.as_of, row.days, row.expected, row.actual, row.inside) for row in rows]
        movements = required(desk.reckoning.books.movements, "movements")
        return replace(projection, band=learn_band(grades, movements, desk.today))


def outlook_of(desk: Desk, projection: Projection | Condition) -> Outlook | Condition:
    if isinstance(projection, Condition):
        return projection
    if projection.band is None:
        runway = runway_line(desk)
        return runway if isinstance(runway, Condition) else Condition(Unknown.NOT_ENOUGH_HISTORY)
    curve = projection.committed.curve
    return Outlook(
        points=tuple(_point(desk, projection, curve.day(index)) for index in range(len(curve.balances))),
        marks=_marks(desk, projection),
        low_water=low_water_of(projection.committed, desk),
        assumptions=tuple(_assumption(desk, guess) for guess in projection.assumptions),
    )


def _point(desk: Desk, projection: Projection, day: date) -> Point:
    expected = projection.at_trend.curve.on(day)
    low, high = projection.band_on(day) or (expected, expected)
    amounts = (projection.committed.curve.on(day), expected, low, high)
    return Point(day, *(Money(amount, desk.currency) for amount in amounts))


def _marks(desk: Desk, projection: Projection) -> tuple[Mark, ...]:
    """One row per checkpoint after today's."""
    figures = {when: figure for figure, when in MARKS.items()}
    steps = pairwise(projection.committed.checkpoints)
    return tuple(_mark(desk, projection, figures[after.when], before, after) for before, after in steps)


def _mark(desk: Desk, projection: Projection, figure: Figure, before: Checkpoint, after: Checkpoint) -> Mark:
    """Today's own flows belong to the first stretch: cash now is counted before them."""
    since = before.on if before.when is not When.NOW else date.min
    moved = [flow.amount for flow in projection.committed.flows if since < flow.on <= after.on]
    point = _point(desk, projection, after.on)
    return Mark(
        figure=figure,
        on=after.on,
        committed=point.committed,
        expected=point.expected,
        low=point.low,
        high=point.high,
        flow_in=Money(sum((amount for amount in moved if amount > 0), ZERO), desk.currency),
        flow_out=Money(-sum((amount for amount in moved if amount < 0), ZERO), desk.currency),
    )


ASSUMED = {
    AssumptionKind.CUSTOMER_PAYS: "{label} pays the way it usually does",
    AssumptionKind.NEVER_COLLECTED: "Left out, as part of what is owed may never be paid",
    AssumptionKind.COLLECTED_LATER: "Left out, as money this long overdue may come after the 13 weeks",
    AssumptionKind.SPEND_REPEATS: "{label}, as before",
    AssumptionKind.DAILY_SPEND: "Other spending goes on at the pace of the last 91 days",
    AssumptionKind.KNOWN_ITEM: "{label} comes as announced",
    AssumptionKind.UNDATED_BILL: "{label} has no due date and is paid on the next pay day",
}
EVIDENCE = {
    AssumptionKind.CUSTOMER_PAYS: RecordKind.INVOICE,
    AssumptionKind.NEVER_COLLECTED: RecordKind.INVOICE,
    AssumptionKind.COLLECTED_LATER: RecordKind.INVOICE,
    AssumptionKind.UNDATED_BILL: RecordKind.BILL,
}


def _assumption(desk: Desk, guess: Guess) -> Assumption:
    text = ASSUMED[guess.kind].format(label=guess.label or "Somebody without a name")
    kind = EVIDENCE.get(guess.kind)
    evidence = tuple(ref_of(kind, one).ref for one in guess.ids) if kind else ()
    amount = abs(guess.amount) if guess.kind in LEFT_OUT else guess.amount
    return Assumption(text, Money(amount, desk.currency), evidence)


def _explained(desk: Desk, figure: Figure, found: Reasoning, where: Page, per_page: int) -> WhyResult:
    return WhyResult(
        figure=figure,
        total=None if found.total is None else Money(found.total, desk.currency),
        number=found.number,
        rule=found.rule,
        as_of=desk.today,
        synced_at=desk.health.as_of,
        rows=found.rows[bounds(where, per_page)],
        page=where,
        unknown=None,
    )


def _unexplained(desk: Desk, figure: Figure, why: Condition) -> WhyResult:
    return WhyResult(
        figure=figure,
        total=None,
        number=None,
        rule="",
        as_of=desk.today,
        synced_at=desk.health.as_of,
        rows=(),
        page=Page(1, 1, 0),
        unknown=why,
    )
