"""The keyboard path, forms' errors, and what waits until QuickBooks was asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from domains.connections import ConnectionStatus
from domains.decisions import Phase
from domains.item_states import ItemStatus
from domains.known_items import Repeat
from kit.errors import NotAllowed, Refused
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.home import HomeOrchestrator
from orchestrators.jobs import ApproveAfterRead
from orchestrators.known import KnownItemsOrchestrator
from orchestrators.refusals import BadField
from orchestrators.results.console import BillCard, CardAct, OutcomeKind, ReadOnly, Standing
from orchestrators.results.home import TaskKind
from orchestrators.results.tray import TrayOutcomeKind
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from orchestrators.tray_sync import AT_ONCE
from tests.integration.desk.company import ADA, AVA, MAYA, OMAR, TODAY, Company, bill, bill_payment
from tests.integration.desk.conftest import DESK, DUE, caller, unit

KEY = "Bill:146:MISSING_DUE_DATE"


@pytest.fixture
async def desk(company: Company) -> Company:
    await company.put(*DESK)
    return company


async def link(company: Company, status: ConnectionStatus) -> None:
    async with unit(company) as session:
        await session.execute(text("UPDATE qbo_connections SET status = :status"), {"status": status})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("b-145", "B-145"),
        ("N-145", "B-145"),
        ("#n-145", "B-145"),
        ("19", "I-9"),
        ("b145", "B-145"),
        ("B 145", "B-145"),
        ("no. n-145", "B-145"),
        ("No.N-145", "B-145"),
        ("b", None),
        ("145b", None),
        ("404", None),
        ("V-56", None),
        ("", None),
    ],
)
async def test_a_card_is_found_by_reference_or_document_number(still: Company, typed: str, found: str | None) -> None:
    async with unit(still) as session:
        card = await Console(session, still.clock).find_card(caller(MAYA), typed)
    assert (card.record.ref if card else None) == found


@pytest.mark.parametrize(
    ("typed", "found"), [("B-146", KEY), ("b-146 missing_due_date", KEY), ("B-146 BAD_AMOUNT", None), ("x", None)]
)
async def test_a_tray_item_is_found_by_its_record(still: Company, typed: str, found: str | None) -> None:
    async with unit(still) as session:
        item = await Tray(session, still.clock).find_item(caller(MAYA), typed)
    assert (item.key if item else None) == found


async def test_an_approval_that_waited_for_a_reading_uses_the_rights_of_its_moment(desk: Company) -> None:
    desk.clock.advance(timedelta(hours=2))
    job = ApproveAfterRead(bill_id="145", version="", slack_user=MAYA, source="C1:1.1")
    async with unit(desk) as session:
        outcome = await Console(session, desk.clock).approve_after_read(job)
    assert outcome.kind is OutcomeKind.DECIDED
    forged = ApproveAfterRead(bill_id="146", version="", slack_user=ADA, source="C1:1.1")
    async with unit(desk) as session:
        with pytest.raises(NotAllowed):
            await Console(session, desk.clock).approve_after_read(forged)


async def test_without_a_link_old_books_approve_nothing(desk: Company) -> None:
    await link(desk, ConnectionStatus.NEEDS_RECONNECT)
    desk.clock.advance(timedelta(hours=2))
    async with unit(desk) as session:
        with pytest.raises(Refused, match="connected again"):
            await Console(session, desk.clock).approve(caller(MAYA), "B-145", None, source="x")
        home = await HomeOrchestrator(session, desk.clock).get_home(caller(ADA))
    assert home.tasks[0].kind is TaskKind.RECONNECT
    await link(desk, ConnectionStatus.DISCONNECTED)
    async with unit(desk) as session:
        shown = await Console(session, desk.clock).get_decision_data(caller(MAYA))
        with pytest.raises(Refused, match="not connected"):
            await Console(session, desk.clock).approve(caller(MAYA), "B-145", None, source="x")
    assert shown.read_only is ReadOnly.NOT_CONNECTED


async def test_a_day_chosen_in_the_past_is_no_answer(still: Company) -> None:
    async with unit(still) as session:
        console = Console(session, still.clock)
        past = TODAY - timedelta(days=1)
        outcome = await console.approve(caller(MAYA), "B-145", None, source="x", pay_on=past)
    assert outcome.kind is OutcomeKind.OUTDATED
    assert [(one.field, one.old) for one in outcome.changes] == [("pay_on", past)]


@pytest.mark.parametrize("by_card", [True, False])
async def test_a_proposal_keeps_the_pay_date_that_the_card_shows(desk: Company, *, by_card: bool) -> None:
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        card = await console.find_card(caller(AVA), "B-145")
        assert isinstance(card, BillCard)
        version = card.version if by_card else None
        outcome = await console.propose(caller(AVA), "B-145", version, source="x")
    assert card.pay_on == DUE - timedelta(days=1)  # the last pay day before it is due
    assert outcome.card.state.pay_on == card.pay_on  # type: ignore[union-attr]


async def test_a_proposal_is_confirmed_on_its_day_held_rejected_or_taken_back(desk: Company) -> None:
    on = TODAY + timedelta(days=2)
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        proposed = await console.propose(caller(AVA), "B-145", None, source="x", pay_on=on)
        assert isinstance(proposed.card, BillCard)
        assert proposed.card.acts == (CardAct.HOLD, CardAct.CANCEL)
        again = await console.propose(caller(AVA), "B-145", None, source="x")
        assert again.kind is OutcomeKind.ALREADY
        shown = await console.afresh().get_decision_data(caller(MAYA))
        assert [card.record.ref for card in shown.waiting] == ["B-145"]
        assert shown.waiting[0].acts == (CardAct.CONFIRM, CardAct.HOLD, CardAct.REJECT, CardAct.CANCEL)
        withdrawn = await console.cancel(caller(AVA), "B-145", source="x", reason="Sent twice")
        assert withdrawn.card.state.reason == "Sent twice"  # type: ignore[union-attr]
        nothing = await console.undo(caller(MAYA), "B-145", source="x")
        assert nothing.kind is OutcomeKind.ALREADY
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        await console.propose(caller(AVA), "B-145", None, source="x", pay_on=on)
        approved = await console.approve(caller(MAYA), "B-145", None, source="x")
        assert approved.card.state.pay_on == on  # type: ignore[union-attr]
        with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
            await console.undo(caller(ADA), "B-145", source="x")


async def test_only_whoever_decided_or_an_owner_takes_a_decision_back(desk: Company) -> None:
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        await console.approve(caller(MAYA), "B-145", None, source="x")
        with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
            await console.undo(caller(AVA), "B-145", source="x")
        undone = await console.undo(caller(OMAR), "B-145", source="x")
    assert undone.card.state.phase is Phase.CANCELLED  # type: ignore[union-attr]


@pytest.mark.parametrize("days", [0, 181])
async def test_a_hold_has_a_day_ahead_and_a_rejection_a_reason(still: Company, days: int) -> None:
    async with unit(still) as session:
        console = Console(session, still.clock)
        with pytest.raises(BadField) as until:
            await console.hold(caller(MAYA), "B-145", None, until=TODAY + timedelta(days=days), source="x")
        with pytest.raises(BadField) as reason:
            await console.reject(caller(MAYA), "B-145", None, reason="  ", source="x")
    assert (until.value.field, reason.value.field) == ("until", "reason")


@pytest.mark.parametrize("key", ["I-9", "145", "", "B-404", "V-56"])
async def test_what_is_no_bill_cannot_be_decided(still: Company, key: str) -> None:
    async with unit(still) as session:
        with pytest.raises(Refused):
            await Console(session, still.clock).approve(caller(MAYA), key, None, source="x")


async def test_a_paid_bill_has_a_card_that_says_so_and_no_buttons(desk: Company) -> None:
    await desk.put(bill_payment("70", "145", 1_200, TODAY), bill("145", 1_200, DUE, balance=0, paid_by=["70"]))
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        card = await console.get_card(caller(MAYA), "B-145")
        with pytest.raises(Refused, match="not open"):
            await console.approve(caller(MAYA), "B-145", None, source="x")
    assert isinstance(card, BillCard)
    assert (card.state.standing, card.acts, card.effects) == (Standing.CLOSED, (), ())


async def test_what_left_the_tray_can_be_brought_back_by_hand(desk: Company) -> None:
    async with unit(desk) as session:
        tray = Tray(session, desk.clock)
        await tray.dismiss(caller(MAYA), KEY, None, reason="known", source="x")
        back = await tray.reopen(caller(ADA), KEY, None, source="x")
        assert back.item.state.status is ItemStatus.OPEN
        await tray.resolve(caller(MAYA), KEY, None, source="x")
        again = await tray.reopen(caller(MAYA), KEY, None, source="x")
        assert again.item.state.status is ItemStatus.REOPENED
        with pytest.raises(BadField):
            await tray.dismiss(caller(MAYA), KEY, None, reason=" ", source="x")
        with pytest.raises(BadField):
            await tray.snooze(caller(MAYA), KEY, None, until=TODAY, source="x")


async def test_acting_on_what_the_books_have_mended_says_that_it_is_gone(desk: Company) -> None:
    async with unit(desk) as session:
        await Tray(session, desk.clock).snooze(caller(MAYA), KEY, None, until=DUE, source="x")
    await desk.put(bill("146", 900, DUE))
    async with unit(desk) as session:
        outcome = await Tray(session, desk.clock).resolve(caller(MAYA), KEY, None, source="x")
    assert (outcome.kind, outcome.item.state.status) == (TrayOutcomeKind.GONE, ItemStatus.AUTO_RESOLVED)


async def test_known_items_are_checked_listed_and_removed(desk: Company) -> None:
    who, later = caller(AVA), TODAY + timedelta(days=30)
    async with unit(desk) as session:
        known = KnownItemsOrchestrator(session, desk.clock)
        for label, on, amount, until, field in [
            (" ", later, Decimal(1), None, "label"),
            ("Tax", TODAY - timedelta(days=1), Decimal(1), None, "on"),
            ("Tax", later, Decimal(0), None, "amount"),
            ("Tax", later, Decimal(1), later, "until"),
        ]:
            with pytest.raises(BadField) as refused:
                await known.add_known_item(who, label, on, amount, source="x", until=until)
            assert refused.value.field == field
        with pytest.raises(BadField):
            await known.set_aside(who, "Tax", Decimal(-1), source="x")
        item = await known.add_known_item(who, "Loan", later, Decimal(-500), source="x", repeat=Repeat.MONTHLY)
        aside = await known.set_aside(who, "Tax", Decimal(70), source="x")
        shown = await known.get_known_items(who)
        assert ([one.id for one in shown.items], [one.id for one in shown.set_aside]) == ([item.id], [aside.id])
        await known.remove_known_item(who, str(item.id), source="x")
        await known.release(who, str(aside.id), source="x")
        for again in (
            known.remove_known_item(who, str(item.id), source="x"),
            known.release(who, "nonsense", source="x"),
        ):
            with pytest.raises(Refused):
                await again
        assert (await known.get_known_items(who)).items == ()


async def test_a_large_settling_is_cut_into_runs(company: Company) -> None:
    numbers = range(1_000, 1_000 + AT_ONCE + 5)
    await company.put(*(bill(str(number), 100 + 37 * number, None) for number in numbers))
    async with unit(company) as session:
        await Tray(session, company.clock).reconcile_after_sync(company.clock.now())
    await company.put(*(bill(str(number), 100 + 37 * number, DUE) for number in numbers))
    settled = []
    for _ in range(2):
        async with unit(company) as session:
            changes = await Tray(session, company.clock).reconcile_after_sync(company.clock.now())
        settled.append(len(changes.auto_resolved))
    assert settled == [AT_ONCE, 5]


async def test_decisions_since_a_moment_are_told_oldest_first(desk: Company) -> None:
    before = desk.clock.now()
    desk.clock.advance(timedelta(minutes=1))
    async with unit(desk) as session:
        console = Console(session, desk.clock)
        await console.approve(caller(MAYA), "B-145", None, source="x")
        (line,) = await console.list_decided(before)
        assert await console.list_decided(desk.clock.now()) == ()
    assert (line.record.ref, line.phase, line.by, line.vendor) == ("B-145", Phase.APPROVED, MAYA, "Northshore Print")
