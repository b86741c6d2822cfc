"""The headline over a real mirror: each figure recomputed by hand."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from calculators.runway import Status
from kit.clock import FrozenClock
from kit.db import Database
from kit.money import Money
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.headline import CashLine, LowWater, RunwayLine
from tests.integration.desk.company import MAYA, TODAY, Company, bill, invoice
from tests.integration.desk.conftest import caller, unit


async def test_cash_runway_and_counts_are_those_of_the_books(company: Company) -> None:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)), bill("146", 900, None, number="N-x"))
    await company.put(invoice("9", 3_000, TODAY - timedelta(days=12)))
    async with unit(company) as session:
        answer = await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))
    assert isinstance(answer.cash, CashLine)
    assert answer.cash.available == Money(Decimal(45_000), "USD")
    assert isinstance(answer.runway, RunwayLine)
    assert answer.runway.window_days == 91
    assert answer.runway.gross_burn == Money(Decimal(13 * 2_500) / 91, "USD").cents()
    assert answer.runway.without_receipts == Decimal("126.0")
    assert isinstance(answer.low_water, LowWater)
    assert answer.status is Status.STRONG
    assert (answer.counts.bills_ready, answer.counts.bills_blocked, answer.counts.invoices_ready) == (1, 1, 1)


async def test_books_never_read_have_a_named_condition_and_no_zero(
    db: Database, business: UUID, clock: FrozenClock
) -> None:
    company = Company(db, business, clock)
    await company.staff()
    async with unit(company) as session:
        answer = await HeadlineOrchestrator(session, company.clock).get_headline(caller(MAYA))
    assert answer.cash == Condition(Unknown.NOT_CONNECTED)
    assert answer.runway == answer.low_water == Condition(Unknown.NOT_CONNECTED)
    assert answer.status is Status.UNKNOWN
