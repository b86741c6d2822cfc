"""Each week's projection is kept and held against what the bank really showed: a forecast that admits its error."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Numeric, String, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from calculators.grading import KEPT_DAYS, Grade, KeptPoint, KeptProjection, grade, measure_accuracy
from domains.accounts import CashRole
from domains.balances import BalanceService
from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, Owned
from kit.money import Money
from orchestrators import payload
from orchestrators.results.digest import GradeLine
from orchestrators.results.forecast import Outlook

REPORTED = 8
AT_DAYS = 28


class ForecastRow(Owned, Base):
    """One kept projection a local week; `points` are those of the days in `KEPT_DAYS`."""

    __tablename__ = "forecasts"

    as_of: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    opening: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    points: Mapped[list[Any]] = mapped_column(JSONB)


class ForecastGradeRow(Owned, Base):
    """`inside` None: the projection had no band yet."""

    __tablename__ = "forecast_grades"

    as_of: Mapped[date] = mapped_column(Date, primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    expected: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    actual: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    inside: Mapped[bool | None]


async def keep_projection(session: TenantSession, outlook: Outlook, opening: Money) -> None:
    """The first projection of a day is the one that is graded: a later one knows more of that day.

    `opening` is what the bank held then, before anything planned for that day.
    """
    first = outlook.points[0]
    kept = [_kept(outlook, days) for days in KEPT_DAYS if days < len(outlook.points)]
    row = {"business_id": session.business_id, "as_of": first.on, "currency": opening.currency}
    facts = {"opening": opening.amount, "points": [payload.dump(point) for point in kept]}
    await session.execute(insert(ForecastRow).values(**row, **facts).on_conflict_do_nothing())


def _kept(outlook: Outlook, days: int) -> KeptPoint:
    point = outlook.points[days]
    return KeptPoint(days, point.expected.amount, point.low.amount, point.high.amount)


async def grade_projections(session: TenantSession, clock: Clock, today: date, currency: str) -> int:
    """Grade every kept day that has come and whose bank balance can be told; returns how many were new."""
    oldest = today - timedelta(days=max(KEPT_DAYS) + 7)
    rows = (await session.execute(select(ForecastRow).where(ForecastRow.as_of >= oldest))).scalars()
    kept = [_projection(row) for row in rows if row.currency == currency]
    graded = await _list_graded(session)
    wanted = {(one.as_of, days) for one in kept for days in KEPT_DAYS if one.as_of + timedelta(days=days) < today}
    actual = await _balances(session, clock, {on + timedelta(days=days) for on, days in wanted - graded})
    new = [one for projection in kept for one in grade(projection, actual) if (one.as_of, one.days) not in graded]
    for one in new:
        await _write(session, one)
    return len(new)


async def _balances(session: TenantSession, clock: Clock, days: set[date]) -> dict[date, Decimal]:
    """Closing bank balances in the home currency; a day that cannot be rebuilt is left out, never guessed."""
    service = BalanceService(session, clock)
    known: dict[date, Decimal] = {}
    for day in sorted(days):
        snapshot = await service.get_balances_on(day)
        total = snapshot.total(CashRole.BANK)
        if snapshot.rebuilt and total is not None:
            known[day] = total
    return known


async def _write(session: TenantSession, one: Grade) -> None:
    keys = {"business_id": session.business_id, "as_of": one.as_of, "days": one.days}
    facts = {"expected": one.expected, "actual": one.actual, "inside": one.inside}
    await session.execute(insert(ForecastGradeRow).values(**keys, **facts).on_conflict_do_nothing())


async def _list_graded(session: TenantSession) -> set[tuple[date, int]]:
    rows = await session.execute(select(ForecastGradeRow.as_of, ForecastGradeRow.days))
    return {(as_of, days) for as_of, days in rows}


async def find_grade(session: TenantSession) -> GradeLine | None:
    """Of the last eight projections that are four weeks old; None before there is one."""
    statement = (
        select(ForecastGradeRow)
        .where(ForecastGradeRow.days == AT_DAYS)
        .order_by(ForecastGradeRow.as_of.desc())
        .limit(REPORTED)
    )
    rows = [
        Grade(row.as_of, row.days, row.expected, row.actual, row.inside)
        for row in (await session.execute(statement)).scalars()
    ]
    if not rows:
        return None
    error = next(one.wape for one in measure_accuracy(rows) if one.days == AT_DAYS)
    return GradeLine(len(rows), sum(one.inside is True for one in rows), error)


def _projection(row: ForecastRow) -> KeptProjection:
    points = tuple(payload.load(one, KeptPoint) for one in row.points)
    return KeptProjection(row.as_of, row.currency, row.opening, points)
