"""Forecast, effects on the cards, plan: every figure opens into the rows that make it, and agrees with the others."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from calculators.runway import Status
from kit.errors import Outdated
from kit.money import Money
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.jobs import PlannedBill
from orchestrators.known import KnownItemsOrchestrator
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, Choice, InvoiceCard, Narrow, OutcomeKind, PlanResult
from orchestrators.results.forecast import Figure, ForecastResult, Outlook, WhyResult
from orchestrators.results.headline import LowWater
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from tests.integration.desk.company import MAYA, TODAY, Company, bill, invoice, purchase
from tests.integration.desk.conftest import caller, unit

DUE = TODAY + timedelta(days=4)


@pytest.fixture
async def busy(company: Company) -> Company:
    await company.put(
        bill("145", 1_200, DUE),
        bill("146", 900, TODAY - timedelta(days=3)),
        bill("147", 5_000, TODAY + timedelta(days=25), vendor="57", account_id="62"),
        bill("148", 77, TODAY + timedelta(days=45)),
        bill("149", 60, None),
        invoice("9", 3_000, TODAY - timedelta(days=40)),
        invoice("10", 2_000, TODAY + timedelta(days=5), email=None),
        invoice("11", 2_500, TODAY + timedelta(days=20)),
    )
    return company


async def forecast(company: Company) -> ForecastResult:
    async with unit(company) as session:
        return await ForecastOrchestrator(session, company.clock).get_forecast(caller(MAYA))


async def every_row(company: Company, figure: Figure) -> WhyResult:
    async with unit(company) as session:
        orchestrator = ForecastOrchestrator(session, company.clock)
        return await orchestrator.why(caller(MAYA), figure, per_page=10_000)


async def test_a_receipt_says_what_part_of_the_invoice_is_expected_that_day(busy: Company) -> None:
    rows = [row for row in (await every_row(busy, Figure.IN_4_WEEKS)).rows if row.record and row.record.ref == "I-9"]
    assert rows[0].label.endswith(", 81 % of $1,000.00")
    assert rows[0].amount == Money(Decimal(810), "USD")


async def test_every_figure_opens_into_rows_that_add_up_to_it(busy: Company) -> None:
    shown = await forecast(busy)
    assert set(shown.figures) == set(Figure)
    for figure in shown.figures:
        why = await every_row(busy, figure)
        assert why.rule
        assert why.rows or figure is Figure.CASH_IN, "nothing came in without an invoice"
        if why.total is not None:
            total = sum((row.amount.amount for row in why.rows if row.amount is not None), Decimal(0))
            assert total == why.total.amount, figure


async def test_what_a_figure_opens_into_is_the_figure_shown(busy: Company) -> None:
    shown = await forecast(busy)
    assert isinstance(shown.outlook, Outlook)
    for mark in shown.outlook.marks:
        assert (await every_row(busy, mark.figure)).total == mark.committed
    assert (await every_row(busy, Figure.LOW_WATER)).total == shown.outlook.low_water.balance
    assert (await every_row(busy, Figure.CASH_BOOK)).total == Money(Decimal(45_000), "USD")
    assert (await every_row(busy, Figure.OPEN_BILLS)).total == Money(Decimal(7_237), "USD")
    runway = await every_row(busy, Figure.RUNWAY_WITHOUT_RECEIPTS)
    available, spent = (row.amount.amount for row in runway.rows if row.amount is not None)
    assert runway.number == (available * 91 / spent).quantize(Decimal("0.1"), rounding="ROUND_FLOOR")


async def test_pages_of_rows_are_the_rows(busy: Company) -> None:
    whole = await every_row(busy, Figure.GROSS_BURN)
    async with unit(busy) as session:
        orchestrator = ForecastOrchestrator(session, busy.clock)
        pages = [
            await orchestrator.why(caller(MAYA), Figure.GROSS_BURN, page=number, per_page=4) for number in (1, 2, 3, 4)
        ]
    assert tuple(row for page in pages for row in page.rows) == whole.rows
    assert {row.record.ref for row in whole.rows if row.record} >= {"E-P1", "E-P2"}


async def test_the_line_starts_at_the_cash_and_holds_its_low_point_and_its_band(busy: Company) -> None:
    outlook = (await forecast(busy)).outlook
    assert isinstance(outlook, Outlook)
    assert len(outlook.points) == 92
    assert outlook.points[0].on == TODAY
    assert min(point.committed for point in outlook.points) == outlook.low_water.balance
    assert all(point.low <= point.expected <= point.high for point in outlook.points)
    for before, after in zip((None, *outlook.marks), outlook.marks, strict=False):
        start = before.committed.amount if before else Decimal(45_000)
        assert start + after.flow_in.amount - after.flow_out.amount == after.committed.amount


async def test_less_than_four_weeks_of_books_have_no_runway_and_no_chart(company: Company) -> None:
    async with unit(company) as session:
        await session.execute(text("DELETE FROM records WHERE entity = 'Purchase'"))
        await session.execute(text("DELETE FROM postings"))
    await company.put(purchase("young", 10, TODAY - timedelta(days=5)))
    shown = await forecast(company)
    known = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=6, days_needed=28)
    assert shown.runway == shown.outlook == known
    assert (await every_row(company, Figure.GROSS_BURN)).unknown == known


async def test_a_card_shows_what_each_choice_does(busy: Company) -> None:
    async with unit(busy) as session:
        shown = await Console(session, busy.clock).get_decision_data(caller(MAYA), narrow=Narrow.BILLS)
    assert [card.record.ref for card in shown.cards] == ["B-146", "B-147", "B-145"], "rent before a small bill"
    late = shown.cards[0]
    assert isinstance(late, BillCard)
    assert late.days_overdue == 3
    assert isinstance(late.effects, tuple)
    effects = {effect.choice: effect for effect in late.effects}
    assert effects[Choice.PAY_NOW].on == TODAY
    assert effects[Choice.PAY_NOW].cash_after == Money(Decimal(45_000 - 900), "USD")
    assert effects[Choice.BEST_DATE].on == late.pay_on == TODAY + timedelta(days=1), "the next pay day"
    assert effects[Choice.HOLD].low_water >= effects[Choice.PAY_NOW].low_water
    assert late.priority is not None
    assert sum(Decimal(reason.rpartition("+")[2].rstrip(")")) for reason in late.priority.reasons if "+" in reason) == (
        late.priority.score
    )
    rent = shown.cards[1]
    assert isinstance(rent, BillCard)
    assert (rent.tier, rent.tier_suggested) == (1, True)


async def test_the_partition_counts_every_open_bill_once(busy: Company) -> None:
    async with unit(busy) as session:
        console = Console(session, busy.clock)
        await console.hold(caller(MAYA), "B-145", None, until=DUE + timedelta(days=9), source="x")
    async with unit(busy) as session:
        counts = (await Console(session, busy.clock).get_decision_data(caller(MAYA))).counts
    assert (counts.bills_ready, counts.bills_blocked, counts.bills_decided, counts.bills_beyond) == (2, 1, 1, 1)
    assert counts.open_bills == 5


async def test_invoices_to_collect_come_by_their_own_rule_and_are_one_persons_for_a_week(busy: Company) -> None:
    async with unit(busy) as session:
        console = Console(session, busy.clock)
        shown = await console.get_decision_data(caller(MAYA), narrow=Narrow.INVOICES)
        first = await console.chase(caller(MAYA), "I-9", shown.cards[0].version, source="x")
        again = await console.chase(caller(MAYA), "I-9", None, source="x")
    assert [card.record.ref for card in shown.cards] == ["I-9", "I-10"]
    late = shown.cards[0]
    assert isinstance(late, InvoiceCard)
    assert (late.collect, late.days_past_due) == (True, 40)
    assert (first.kind, again.kind) == (OutcomeKind.DECIDED, OutcomeKind.ALREADY)
    assert again.card.chased_by == MAYA  # type: ignore[union-attr]

    async def listed() -> list[str]:
        async with unit(busy) as session:
            left = await Console(session, busy.clock).get_decision_data(caller(MAYA), narrow=Narrow.INVOICES)
        assert left.counts.invoices_ready == len(left.cards)
        return [card.record.ref for card in left.cards]

    assert await listed() == ["I-10"]
    busy.clock.advance(timedelta(days=7))
    assert await listed() == ["I-9", "I-10"]


async def test_the_plan_is_accepted_with_exceptions_and_each_line_for_itself(busy: Company) -> None:
    async with unit(busy) as session:
        plan = await Console(session, busy.clock).get_plan(caller(MAYA))
    assert isinstance(plan, PlanResult)
    assert {line.record.ref for line in plan.lines} == {"B-145", "B-146", "B-147"}
    assert all(line.due is None or line.pay_on <= line.due or line.record.ref == "B-146" for line in plan.lines)
    await busy.put(bill("147", 5_100, TODAY + timedelta(days=25), vendor="57", account_id="62"))
    async with unit(busy) as session:
        with pytest.raises(Outdated):
            await Console(session, busy.clock).order_plan(
                caller(MAYA), plan.version, frozenset({"B-145"}), source="x", reply=None
            )
    async with unit(busy) as session:
        console = Console(session, busy.clock)
        plan = await console.get_plan(caller(MAYA))
        assert isinstance(plan, PlanResult)
        ticked = frozenset({"B-145", "B-146"})
        assert await console.order_plan(caller(MAYA), plan.version, ticked, source="x", reply=None) == 2
        chosen = [line for line in plan.lines if line.record.ref in ticked]
        bills = [PlannedBill(ref=one.record.ref, version=one.version, pay_on=one.pay_on) for one in chosen]
    async with unit(busy) as session:
        outcome = await Console(session, busy.clock).accept_bills(caller(MAYA), bills, source="x")
    assert outcome.decided == 2
    async with unit(busy) as session:
        counts = (await Console(session, busy.clock).get_decision_data(caller(MAYA))).counts
    assert (counts.bills_decided, counts.bills_ready) == (2, 1)


async def test_known_items_and_money_set_aside_move_the_figures(busy: Company) -> None:
    before = (await forecast(busy)).outlook
    async with unit(busy) as session:
        known = KnownItemsOrchestrator(session, busy.clock)
        await known.add_known_item(caller(MAYA), "Tax", TODAY + timedelta(days=30), Decimal(-6_000), source="x")
        await known.set_aside(caller(MAYA), "Deposit of a client", Decimal(2_000), source="x")
    after = await forecast(busy)
    assert isinstance(before, Outlook)
    assert isinstance(after.outlook, Outlook)
    assert after.outlook.points[-1].committed == before.points[-1].committed - Money(Decimal(6_000), "USD")
    assert after.cash.available == Money(Decimal(43_000), "USD")  # type: ignore[union-attr]


async def test_a_floor_that_will_be_crossed_makes_the_status_critical(busy: Company) -> None:
    async with unit(busy) as session:
        settings = SettingsOrchestrator(session, busy.clock)
        await settings.change_policy(caller(MAYA), 0, PolicyChange(floor_cash=Decimal(44_500)), source="x")
    async with unit(busy) as session:
        headline = await HeadlineOrchestrator(session, busy.clock).get_headline(caller(MAYA))
    assert headline.status is Status.CRITICAL
    assert isinstance(headline.low_water, LowWater)
    below = headline.low_water.first_below_floor
    assert below is not None
    assert TODAY < below <= TODAY + timedelta(days=14)
