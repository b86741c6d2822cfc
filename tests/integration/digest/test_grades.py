"""A forecast that grades itself: each week's is kept, and held against the bank when its days have come."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from domains.mirror import Entity
from kit.money import Money
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.projection_grades import (
    ForecastGradeRow,
    ForecastRow,
    find_grade,
    grade_projections,
    keep_projection,
)
from orchestrators.results.digest import GradeLine
from orchestrators.results.forecast import Outlook, Point
from orchestrators.results.headline import LowWater
from tests.integration.desk.company import TODAY, Company, account, purchase

ZERO = Money.zero("USD")
OWN = 26 * 2_500  # what the company's payroll took since its books begin


def outlook(on: date, expected: int, *, band: int = 500) -> Outlook:
    """A flat line: so much on every day, give or take the band."""
    usd = [Money(Decimal(amount), "USD") for amount in (expected, expected, expected - band, expected + band)]
    points = tuple(Point(on + timedelta(days=day), *usd) for day in range(92))
    return Outlook(points, (), LowWater(usd[0], on, None, None, ZERO), ())


@pytest.fixture
async def tied(company: Company) -> Company:
    """Books whose balance is what their postings add up to."""
    await company.put((Entity.ACCOUNT, account("35", "Checking", "Bank", -OWN)))
    return company


async def keep(company: Company, kept: Outlook, opening: Money = ZERO) -> None:
    async with company.db.tenant_session(company.business) as session:
        await keep_projection(session, kept, opening)


async def grade(company: Company) -> tuple[int, GradeLine | None]:
    async with company.db.tenant_session(company.business) as session:
        new = await grade_projections(session, company.clock, company.clock.now().date(), "USD")
        return new, await find_grade(session)


async def graded(company: Company) -> dict[int, tuple[Decimal, Decimal, bool | None]]:
    async with company.db.tenant_session(company.business) as session:
        rows = (await session.execute(select(ForecastGradeRow))).scalars()
        return {row.days: (row.expected, row.actual, row.inside) for row in rows}


async def test_days_that_have_not_come_are_not_graded(tied: Company) -> None:
    await keep(tied, outlook(TODAY, -OWN))
    assert await grade(tied) == (0, None)


async def test_a_day_is_graded_when_it_is_over_once(tied: Company) -> None:
    await keep(tied, outlook(TODAY, -OWN))
    tied.clock.advance(timedelta(days=8))
    assert (await grade(tied))[0] == 1
    assert (await grade(tied))[0] == 0
    assert await graded(tied) == {7: (Decimal(-OWN), Decimal(-OWN), True)}


async def test_the_line_tells_error_and_band_of_those_four_weeks_old(tied: Company) -> None:
    await keep(tied, outlook(TODAY - timedelta(days=7), -OWN + 6_500))
    await keep(tied, outlook(TODAY, -OWN))
    await tied.put(purchase("P77", 1_000, TODAY + timedelta(days=10)))
    await tied.put((Entity.ACCOUNT, account("35", "Checking", "Bank", -OWN - 1_000)))
    tied.clock.advance(timedelta(days=29))
    _, line = await grade(tied)
    wrong = Decimal(7_500 + 1_000) / (2 * (OWN + 1_000))
    assert line == GradeLine(2, 0, wrong.quantize(Decimal("0.0001")))


async def test_the_first_projection_of_a_day_is_the_one_that_counts(tied: Company) -> None:
    await keep(tied, outlook(TODAY, 7), Money(Decimal(-OWN), "USD"))
    await keep(tied, outlook(TODAY, 1))
    async with tied.db.tenant_session(tied.business) as session:
        [row] = (await session.execute(select(ForecastRow))).scalars()
    assert row.opening == -OWN
    assert len(row.points) == 5


async def test_a_balance_that_cannot_be_rebuilt_grades_nothing(company: Company) -> None:
    await keep(company, outlook(TODAY, 45_000))
    company.clock.advance(timedelta(days=40))
    assert await grade(company) == (0, None)


async def test_projections_of_another_currency_are_left_alone(tied: Company) -> None:
    await keep(tied, outlook(TODAY, -OWN))
    tied.clock.advance(timedelta(days=8))
    async with tied.db.tenant_session(tied.business) as session:
        assert await grade_projections(session, tied.clock, tied.clock.now().date(), "EUR") == 0


async def test_eight_weeks_are_reported_and_no_more(tied: Company) -> None:
    for week in range(12):
        await keep(tied, outlook(TODAY + timedelta(weeks=week), -OWN))
    tied.clock.advance(timedelta(weeks=18))
    assert (await grade(tied))[1] == GradeLine(8, 8, Decimal("0.0000"))


async def band_at(company: Company, days: int) -> Decimal:
    async with company.db.tenant_session(company.business) as session:
        found = (await ForecastOrchestrator(session, company.clock).get_forecast(None)).outlook
    assert isinstance(found, Outlook)
    point = found.points[days]
    return point.high.amount - point.expected.amount


async def test_weeks_of_missed_bands_widen_the_next_forecast_and_are_admitted(tied: Company) -> None:
    before = await band_at(tied, 7)
    for week in range(2, 14):
        await keep(tied, outlook(TODAY - timedelta(weeks=week), 200_000))
    _, line = await grade(tied)
    assert line is not None
    assert (line.graded, line.held) == (8, 0)
    assert line.error_4_weeks is not None
    assert line.error_4_weeks > 0
    after = await band_at(tied, 7)
    assert after > 200_000 > before
