"""Every figure that Slack shows, held against the same figure worked out by hand from the books in QuickBooks."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest

from bot.views.digest import draw_digest
from bot.views.forecast import draw_forecast
from bot.views.headline import draw_headline
from bot.views.scene import Scene
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, ConsoleResult, Effect, InvoiceCard, Narrow
from orchestrators.results.digest import Audience, DigestResult
from orchestrators.results.forecast import Figure, ForecastResult, Outlook, WhyResult
from orchestrators.results.headline import CashLine, HeadlineResult, LowWater, RunwayLine
from sandbox.books.characters import build
from sandbox.books.company import Company
from tests.conftest import new_business
from tests.integration.figures.by_hand import CENT, ZERO, ByHand
from tests.integration.figures.late_money import receipts
from tests.integration.mirror.stage import staged

pytestmark = pytest.mark.unmeasured

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
COMPANIES = ["harbor-pine", "dirty", "importer", "law-firm", "restaurant", "nonprofit", "dormant"]


@dataclass(frozen=True)
class Shown:
    """What Runway says, and the books it says it of."""

    books: ByHand
    headline: HeadlineResult
    forecast: ForecastResult
    bills: ConsoleResult
    invoices: ConsoleResult
    digest: DigestResult
    end: WhyResult
    scene: Scene

    @property
    def outlook(self) -> Outlook:
        assert isinstance(self.forecast.outlook, Outlook)
        return self.forecast.outlook


@asynccontextmanager
async def opened(
    db: Database, keyring: Keyring, clock: FrozenClock, company: Company, *, read: bool = True
) -> AsyncIterator[UUID]:
    business = await new_business(db, company.name)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        if read:
            await stage.sync(business, Kind.FULL)
        yield business


async def look(db: Database, clock: FrozenClock, business: UUID, company: Company) -> Shown:
    docs = {
        entity: [json.loads(row.text, parse_float=Decimal) for row in table.values()]
        for entity, table in company.tables.items()
    }
    config = DigestConfig.weekly().sent_to(Audience.OWNER_DM)
    async with db.tenant_session(business) as session:
        console = DecisionConsoleDataOrchestrator(session, clock)
        forecast = ForecastOrchestrator(session, clock)
        return Shown(
            books=ByHand(docs, clock.now().date()),
            headline=await HeadlineOrchestrator(session, clock).get_headline(None),
            forecast=await forecast.get_forecast(None),
            bills=await console.get_decision_data(None, narrow=Narrow.BILLS, per_page=500),
            invoices=await console.get_decision_data(None, narrow=Narrow.INVOICES, per_page=500),
            digest=await DigestDataOrchestrator(session, clock).get_digest_data(config),
            end=await forecast.why(None, Figure.IN_13_WEEKS, per_page=10_000),
            scene=Scene(clock.now(), "America/Los_Angeles"),
        )


@pytest.fixture(scope="module", params=COMPANIES)
async def shown(request: pytest.FixtureRequest, db: Database, keyring: Keyring) -> Shown:
    clock = FrozenClock(NOW)
    company = build(request.param, 7, NOW.date())
    async with opened(db, keyring, clock, company) as business:
        return await look(db, clock, business, company)


def usd(amount: Decimal) -> str:
    return f"${amount:,.2f}" if amount >= 0 else f"-${-amount:,.2f}"


async def test_cash_is_what_the_bank_accounts_hold(shown: Shown) -> None:
    cash, books = shown.headline.cash, shown.books
    assert isinstance(cash, CashLine)
    assert (cash.cash_book.amount, cash.undeposited.amount) == (books.cash, books.undeposited)
    assert (cash.available.amount, cash.set_aside.amount, cash.approved.amount) == (books.cash, ZERO, ZERO)
    assert f"Available cash {usd(books.cash)}." in draw_headline(shown.headline, shown.scene).text


async def test_burn_and_both_runways_follow_from_91_days_of_bank_movements(shown: Shown) -> None:
    runway, books = shown.headline.runway, shown.books
    if isinstance(runway, Condition):
        start = books.today - timedelta(days=90)
        assert runway.kind is Unknown.NOT_ENOUGH_HISTORY
        assert books.window() < 28 or not [one for one in books.moves() if start <= one.on <= books.today]
        return
    out, received = books.flows()
    days = books.window()
    assert runway.window_days == days
    per_day = [(total / days).quantize(CENT, ROUND_HALF_UP) for total in (out, received, out - received)]
    assert [runway.gross_burn.amount, runway.cash_in.amount, runway.net_burn.amount] == per_day
    assert runway.without_receipts == books.lasting(out)
    assert runway.at_trend == books.lasting(out - received)
    assert shown.digest.runway == runway


async def test_the_balance_in_13_weeks_opens_into_the_bills_and_invoices_of_the_books(shown: Shown) -> None:
    rows = shown.end.rows
    if shown.end.total is None:
        assert isinstance(shown.forecast.outlook, Condition)
        return
    assert sum((row.amount.amount for row in rows if row.amount), ZERO) == shown.end.total.amount
    booked = [(row.record.ref, row.on, row.amount.amount) for row in rows if row.record and row.amount and row.on]
    last = shown.books.today + timedelta(days=91)
    bills = [(f"B-{id_}", on, owed) for id_, (on, owed) in shown.books.bill_days().items() if on <= last]
    assert sorted(row for row in booked if row[0][0] == "B") == sorted(bills)
    owed = [(f"I-{id_}", on, amount) for id_, on, amount in receipts(shown.books)]
    assert sorted(row for row in booked if row[0][0] == "I") == sorted(owed)
    assert rows[0].amount is not None
    assert rows[0].amount.amount == shown.books.cash


async def test_low_point_and_marks_are_points_of_one_curve_made_of_those_rows(shown: Shown) -> None:
    if not isinstance(shown.forecast.outlook, Outlook):
        assert "There is no forecast yet." in draw_forecast(shown.forecast, shown.scene).text
        return
    curve = by_day(shown)
    outlook = shown.outlook
    assert {point.on: point.committed.amount for point in outlook.points} == curve
    least = min(curve.values())
    on = min(day for day, balance in curve.items() if balance == least)
    assert (outlook.low_water.balance.amount, outlook.low_water.on) == (least, on)
    assert outlook.low_water.first_below_zero == min((day for day, left in curve.items() if left < 0), default=None)
    assert {mark.on: mark.committed.amount for mark in outlook.marks}.items() <= curve.items()
    assert shown.headline.low_water == shown.digest.low_water == outlook.low_water
    assert f"cash is lowest on {shown.scene.day(on)} at {usd(least)}" in draw_forecast(shown.forecast, shown.scene).text


def by_day(shown: Shown) -> dict[date, Decimal]:
    left, curve = ZERO, {}
    for day in shown.books.days():
        left += sum((row.amount.amount for row in shown.end.rows if row.amount and row.on == day), ZERO)
        curve[day] = left
    return curve


async def test_every_open_bill_stands_in_one_place_and_its_card_says_what_the_books_say(shown: Shown) -> None:
    books, counts = shown.books, shown.headline.counts
    assert counts.open_bills == len(books.open_bills)
    assert counts.bills_ready == shown.bills.page.total
    bills = {f"B-{bill['Id']}": bill for bill in books.open_bills}
    for card in shown.bills.cards:
        assert isinstance(card, BillCard)
        bill = bills[card.record.ref]
        assert (card.balance.amount, card.due) == (bill["Balance"], books.due(bill))
        assert card.days_overdue == max(0, (books.today - (card.due or books.today)).days)
        assert card.due is None or card.due <= books.today + timedelta(days=30)


async def test_each_choice_on_a_bill_moves_its_payment_and_nothing_else(shown: Shown) -> None:
    curve = by_day(shown)
    planned = shown.books.bill_days()
    for card in shown.bills.cards:
        if not isinstance(card, BillCard) or isinstance(card.effects, Condition):
            continue
        on, owed = planned[card.record.ref.removeprefix("B-")]
        for effect in card.effects:
            assert_effect(effect, curve, on, -owed)


def assert_effect(effect: Effect, curve: dict[date, Decimal], planned: date, owed: Decimal) -> None:
    paid = effect.on
    moved = {day: left + owed * (day >= planned) - owed * (day >= paid) for day, left in curve.items()}
    least = min(moved.values())
    assert (effect.low_water.amount, moved[effect.low_water_on]) == (least, least)


async def test_invoices_to_chase_are_those_due_with_what_is_still_owed(shown: Shown) -> None:
    books = shown.books
    invoices = {f"I-{one['Id']}": one for one in books.open_invoices}
    assert shown.headline.counts.invoices_ready == shown.invoices.page.total
    for card in shown.invoices.cards:
        assert isinstance(card, InvoiceCard)
        invoice = invoices[card.record.ref]
        due = books.due(invoice)
        assert (card.balance.amount, card.due) == (invoice["Balance"], due)
        assert due is not None
        assert card.days_past_due == max(0, (books.today - due).days)


async def test_the_digest_tells_the_same_figures(shown: Shown) -> None:
    told = draw_digest(shown.digest, shown.scene).text
    assert f"Available cash: {usd(shown.books.cash)}." in told
    assert shown.digest.cash == shown.headline.cash
    assert shown.digest.counts == shown.headline.counts
    assert (shown.digest.decisions_total, shown.digest.chase_total) == (
        shown.bills.page.total,
        shown.invoices.page.total,
    )
    assert shown.digest.issues_total == shown.headline.counts.tray
    if isinstance(shown.headline.low_water, LowWater) and isinstance(shown.headline.runway, RunwayLine):
        assert shown.digest.verdict.on in by_day(shown)


@pytest.mark.parametrize(
    ("key", "code"), [("brand-new", Unknown.NOT_ENOUGH_HISTORY), ("empty", Unknown.NOT_ENOUGH_HISTORY)]
)
async def test_too_little_history_is_a_sentence_and_no_figure(
    db: Database, keyring: Keyring, clock: FrozenClock, key: str, code: Unknown
) -> None:
    company = build(key, 7, clock.now().date())
    async with opened(db, keyring, clock, company) as business:
        shown = await look(db, clock, business, company)
    assert isinstance(shown.headline.runway, Condition)
    assert shown.headline.runway.kind is code
    assert isinstance(shown.forecast.outlook, Condition)
    for message in (draw_headline(shown.headline, shown.scene), draw_digest(shown.digest, shown.scene)):
        assert "Not enough history" in message.text
        assert "without receipts" not in message.text


async def test_a_foreign_bill_without_its_rate_makes_figures_unknown_and_says_which_currency(
    db: Database, keyring: Keyring, clock: FrozenClock
) -> None:
    company = build("importer", 7, clock.now().date())
    bill = next(doc for doc in company.docs("Bill") if doc["Balance"] and doc["CurrencyRef"]["value"] == "EUR")
    company.put("Bill", {name: value for name, value in bill.items() if name != "ExchangeRate"})
    async with opened(db, keyring, clock, company) as business:
        shown = await look(db, clock, business, company)
    for unknown in (shown.headline.low_water, shown.forecast.outlook):
        assert isinstance(unknown, Condition)
        assert unknown.kind is Unknown.MISSING_RATE
    assert "EUR" in draw_forecast(shown.forecast, shown.scene).text
    assert f"Available cash {usd(shown.books.cash)}." in draw_headline(shown.headline, shown.scene).text


async def test_books_that_were_never_read_have_no_figures_at_all(
    db: Database, keyring: Keyring, clock: FrozenClock
) -> None:
    company = build("nonprofit", 7, clock.now().date())
    async with opened(db, keyring, clock, company, read=False) as business:
        shown = await look(db, clock, business, company)
    for unknown in (shown.headline.cash, shown.headline.runway, shown.headline.low_water, shown.forecast.outlook):
        assert isinstance(unknown, Condition)
        assert unknown.kind is Unknown.NEVER_SYNCED
    assert "$0.00" not in draw_headline(shown.headline, shown.scene).text
