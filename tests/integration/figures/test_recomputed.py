"""Every figure that Slack shows, held against the same figure worked out by hand from the books in QuickBooks."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from bot.views.digest import draw_digest
from bot.views.forecast import draw_forecast
from bot.views.headline import draw_headline
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import BillCard, Effect, InvoiceCard
from orchestrators.results.forecast import Outlook
from orchestrators.results.headline import CashLine, LowWater, RunwayLine
from sandbox.books.characters import build
from sandbox.books.company import Company
from sandbox.recorded import load
from tests.conftest import SHARED
from tests.integration.figures.by_hand import CENT, ZERO
from tests.integration.figures.hygiene import BLOCKING, Hygiene
from tests.integration.figures.late_money import receipts
from tests.integration.figures.priorities import bill_points, invoice_points
from tests.integration.figures.recurring import coming, find_recurring, other_spending
from tests.integration.figures.shown import NOW, Shown, look, opened
from tests.integration.figures.soil import soil
from tests.integration.figures.unasked import worth_knowing

pytestmark = pytest.mark.unmeasured

RECORDED = SHARED / "data" / "qbo" / "craigs-2026"
COMPANIES = ["harbor-pine", "dirty", "importer", "law-firm", "restaurant", "recorded", "dormant"]


@pytest.fixture(scope="module", params=COMPANIES)
async def shown(request: pytest.FixtureRequest, db: Database, keyring: Keyring) -> Shown:
    clock = FrozenClock(NOW)
    if request.param == "recorded" and not RECORDED.exists():
        pytest.skip("the recorded answers of QuickBooks lie beside the repository, not in it")
    company = load(RECORDED) if request.param == "recorded" else build(request.param, 7, NOW.date())
    if request.param == "dirty":
        soil(company, 7, 60)
        repeat_old_ones(company)
    async with opened(db, keyring, clock, company) as business:
        return await look(db, clock, business, company)


def repeat_old_ones(company: Company) -> None:
    """Open bills that were paid long ago: one under the same number, one by card in the same week."""
    paid = next(bill for bill in company.docs("Bill") if not bill["Balance"] and bill["TxnDate"] < "2026-07-01")
    company.put("Bill", paid | {"DocNumber": "R-77"})
    again = paid | {"Id": "990001", "DocNumber": "R-77", "TxnDate": "2026-11-20", "LinkedTxn": []}
    company.put("Bill", again | {"TotalAmt": 4321, "Balance": 4321})
    card = next(one for one in company.docs("Purchase") if one["TxnDate"] < "2026-07-01")
    company.put("Purchase", card | {"EntityRef": paid["VendorRef"]})
    billed = paid | {"Id": "990002", "TxnDate": card["TxnDate"], "LinkedTxn": []}
    company.put("Bill", billed | {"TotalAmt": card["TotalAmt"], "Balance": card["TotalAmt"]})


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
        assert runway.kind is Unknown.NOT_ENOUGH_HISTORY
        assert not books.knows_its_pace()
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


async def test_payroll_cards_and_loans_are_expected_again_and_nothing_spent_is_expected_twice(shown: Shown) -> None:
    if shown.end.total is None:
        return
    books, known = shown.books, find_recurring(shown.books)
    told = [(row.label, row.on, row.amount.amount) for row in shown.end.rows[1:] if row.amount and not row.record]
    expected = [(one.name, on, one.amount) for one in known if not one.billed for on in coming(one, shown.books.today)]
    assert sorted(row for row in told if row[0] != "other spend") == sorted(expected)
    assert sum((row[2] for row in told if row[0] == "other spend"), ZERO) == other_spending(books, known)


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
        past = (books.today - due).days
        assert card.days_past_due == max(0, past)
        assert card.collect is (past >= 30 or (past > 0 and books.home(invoice) >= 10_000))


async def test_the_tray_holds_each_issue_of_the_books_and_no_other_in_its_order(shown: Shown) -> None:
    hygiene, tray = Hygiene(shown.books), shown.tray
    told = [(item.record.kind, item.record.qbo_id, item.code, item.severity.score, item.score) for item in tray.items]
    expected = [(one.entity, one.id, one.code, one.weight, hygiene.score(one)) for one in hygiene.in_order()]
    assert sorted(told) == sorted(expected)
    assert [(item.score, item.amount.amount) for item in tray.items if item.amount] == [
        (hygiene.score(one), one.amount) for one in hygiene.in_order()
    ]
    counts = shown.headline.counts
    assert (counts.tray, counts.tray_blocking) == (len(expected), sum(one.code in BLOCKING for one in hygiene.issues))
    twins, spent = hygiene.twins(), shown.books.flows()[0] if shown.books.knows_its_pace() else ZERO
    for item in tray.items:
        assert item.certainty is not None
        assert item.amount is not None
        assert (item.certainty.money, item.certainty.days) == (
            item.amount,
            shown.books.lasting(spent, item.amount.amount),
        )
        assert item.twin is None or (item.twin.kind, item.twin.qbo_id) in twins[item.record.qbo_id]


async def test_data_quality_weighs_what_is_clean_against_what_is_open(shown: Shown) -> None:
    expected = Hygiene(shown.books).quality()
    assert shown.headline.data_quality == shown.tray.data_quality == expected


async def test_bills_and_invoices_are_decided_on_that_no_issue_blocks(shown: Shown) -> None:
    books, hygiene, counts = shown.books, Hygiene(shown.books), shown.headline.counts
    free = [bill for bill in books.open_bills if bill["Id"] not in hygiene.blocked("Bill")]
    ready = {bill["Id"] for bill in free if -hygiene.past_due(bill) <= 30}
    assert {card.record.qbo_id for card in shown.bills.cards} == ready
    assert (counts.bills_beyond, counts.bills_blocked) == (len(free) - len(ready), len(hygiene.blocked("Bill")))
    collectible = [one for one in books.open_invoices if one["Id"] not in hygiene.blocked("Invoice")]
    assert {card.record.qbo_id for card in shown.invoices.cards} == {
        invoice["Id"] for invoice in collectible if -hygiene.past_due(invoice) <= 7
    }
    assert counts.invoices_blocked == len(hygiene.blocked("Invoice"))


async def test_bills_and_invoices_come_in_the_order_of_their_points(shown: Shown) -> None:
    books, bills, invoices = shown.books, shown.bills.cards, shown.invoices.cards
    for entity, cards, points in (("Bill", bills, bill_points), ("Invoice", invoices, invoice_points)):
        docs = {doc["Id"]: doc for doc in books.of(entity)}
        ranks = []
        for card in cards:
            doc = docs[card.record.qbo_id]
            score = sum(points(books, doc), ZERO)
            assert card.priority is not None
            assert (card.record.ref, card.priority.score) == (card.record.ref, score)
            ranks.append((-score, -books.home(doc), doc["DueDate"], len(doc["Id"]), doc["Id"]))
        assert ranks == sorted(ranks)


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


async def test_what_is_told_unasked_follows_from_the_books(shown: Shown) -> None:
    told = [(line.kind, line.number) for line in shown.digest.insights]
    known = isinstance(shown.forecast.outlook, Outlook)
    assert told == (worth_knowing(shown.books, by_day(shown)) if known else [])


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


async def test_books_without_a_bank_account_have_no_cash_rather_than_none_left(
    db: Database, keyring: Keyring, clock: FrozenClock
) -> None:
    company = build("brand-new", 7, clock.now().date())
    for account in [one for one in company.docs("Account") if one["AccountType"] == "Bank"]:
        company.drop("Account", account["Id"], clock.now())
    async with opened(db, keyring, clock, company) as business:
        shown = await look(db, clock, business, company)
    for unknown in (shown.headline.cash, shown.headline.runway, shown.headline.low_water, shown.forecast.outlook):
        assert unknown == Condition(Unknown.EMPTY_BOOKS, "bank accounts")
    for message in (draw_headline(shown.headline, shown.scene), draw_digest(shown.digest, shown.scene)):
        assert "There are no bank accounts in the books." in message.text
        assert "$0.00" not in message.text


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
