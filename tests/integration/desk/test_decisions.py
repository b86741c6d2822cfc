"""Deciding on a bill, over real rows: who wins, what is written, and what a person is told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import text

from domains.audit import list_entries, verify_chain
from domains.decisions import Phase, find_latest, find_live
from domains.invariants import list_breaches
from domains.mirror import Entity
from domains.people import Caller, Role
from domains.policy import Delegation, Writeback
from kit.clock import FrozenClock
from kit.db import Database
from kit.errors import Busy, NotAllowed, Refused
from kit.money import Money
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import BillCard, CardAct, DecisionOutcome, OutcomeKind, Standing
from orchestrators.settings import PolicyChange, SettingsOrchestrator
from orchestrators.tray import HygieneTrayDataOrchestrator as Tray
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, TODAY, Company, bill, bill_payment
from tests.integration.desk.conftest import caller, unit

DUE = TODAY + timedelta(days=4)


async def card(company: Company, person: str, key: str = "B-145") -> BillCard:
    async with unit(company) as session:
        found = await Console(session, company.clock).get_card(caller(person), key)
    assert isinstance(found, BillCard)
    return found


async def approve(
    company: Company, person: str, version: str | None, key: str = "B-145", reason: str | None = None
) -> DecisionOutcome:
    async with unit(company) as session:
        console = Console(session, company.clock)
        return await console.approve(caller(person), key, version, source="C1:1.1", reason=reason)


async def set_policy(company: Company, change: PolicyChange) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        version = (await settings.get_settings(caller(MAYA))).version
        await settings.change_policy(caller(MAYA), version, change, source="modal")


async def delegate(company: Company, limit: int) -> None:
    async with unit(company) as session:
        settings = SettingsOrchestrator(session, company.clock)
        version = (await settings.get_settings(caller(MAYA))).version
        lent = Delegation(AVA, Decimal(limit), TODAY, TODAY + timedelta(days=30), MAYA)
        await settings.set_delegation(caller(MAYA), version, lent, source="modal")


async def count(company: Company, sql: str) -> int:
    async with unit(company) as session:
        return int((await session.execute(text(sql))).scalar_one())


@pytest.fixture
async def open_bill(company: Company) -> Company:
    await company.put(bill("145", 1_200, DUE))
    return company


async def test_an_approval_is_one_row_with_audit_and_outbox_and_moves_no_money(open_bill: Company) -> None:
    seen = await card(open_bill, MAYA)
    assert CardAct.APPROVE in seen.acts
    outcome = await approve(open_bill, MAYA, seen.version)
    assert outcome.kind is OutcomeKind.DECIDED
    assert isinstance(outcome.card, BillCard)
    state = outcome.card.state
    assert (state.phase, state.by, state.pay_on) == (Phase.APPROVED, MAYA, seen.pay_on)
    assert state.standing is Standing.DECIDED
    async with unit(open_bill) as session:
        decision = await find_live(session, "145")
        assert decision is not None
        entries = await list_entries(session, object_type="decision", object_id=str(decision.id))
        keys = (await session.execute(text("SELECT dedupe_key FROM outbox"))).scalars().all()
    assert (decision.decided_by, decision.decided_at) == (MAYA, open_bill.clock.now())
    assert [(entry.actor, entry.action, entry.source) for entry in entries] == [(MAYA, "decision.approved", "C1:1.1")]
    assert any(key.startswith(f"decision:{decision.id}:approved") for key in keys)
    assert any(key.startswith("redraw:B-145:") for key in keys)


async def test_second_click_is_answered_with_who_decided(open_bill: Company) -> None:
    seen = await card(open_bill, MAYA)
    await approve(open_bill, MAYA, seen.version)
    for person in (MAYA, OMAR):
        outcome = await approve(open_bill, person, seen.version)
        assert outcome.kind is OutcomeKind.ALREADY
        assert outcome.card.state.by == MAYA  # type: ignore[union-attr]
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 1


async def test_eight_people_with_different_verbs_have_one_winner_and_nobody_an_error(open_bill: Company) -> None:
    seen = await card(open_bill, MAYA)

    async def click(number: int) -> DecisionOutcome:
        async with unit(open_bill) as session:
            console, who = Console(session, open_bill.clock), caller((MAYA, OMAR)[number % 2])
            if number % 3 == 0:
                return await console.approve(who, "B-145", seen.version, source=f"dm:{number}")
            if number % 3 == 1:
                until = TODAY + timedelta(days=9)
                return await console.hold(who, "B-145", seen.version, until=until, source=f"dm:{number}")
            return await console.reject(who, "B-145", seen.version, reason="twice", source=f"dm:{number}")

    outcomes = await asyncio.gather(*(click(number) for number in range(8)))
    kinds = [outcome.kind for outcome in outcomes]
    assert kinds.count(OutcomeKind.DECIDED) == 1
    assert kinds.count(OutcomeKind.ALREADY) == 7
    told = {(one.card.state.phase, one.card.state.by) for one in outcomes}  # type: ignore[union-attr]
    assert len(told) == 1
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 1
    async with unit(open_bill) as session:
        assert await verify_chain(session) is None


@pytest.mark.parametrize(
    ("changed", "field", "old", "new"),
    [
        (bill("145", 1_500, DUE), "balance", Money(Decimal(1_200), "USD"), Money(Decimal(1_500), "USD")),
        (bill("145", 1_200, DUE + timedelta(days=3)), "due", DUE, DUE + timedelta(days=3)),
        (bill("145", 1_200, DUE, vendor="57"), "party", "56", "57"),
        (bill("145", 1_200, DUE, account_id="62"), "lines", None, None),
    ],
)
async def test_a_bill_that_changed_since_the_card_is_not_approved_and_says_what_changed(
    open_bill: Company, changed: tuple[Entity, dict[str, object]], field: str, old: object, new: object
) -> None:
    seen = await card(open_bill, MAYA)
    await open_bill.put(changed)
    outcome = await approve(open_bill, MAYA, seen.version)
    assert outcome.kind is OutcomeKind.OUTDATED
    assert [(change.field, change.old, change.new) for change in outcome.changes] == [(field, old, new)]
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 0


@pytest.mark.parametrize("person", [ADA, MEL, AVA])
async def test_who_may_not_approve_is_refused_by_name_of_who_can(open_bill: Company, person: str) -> None:
    with pytest.raises(NotAllowed, match=f"<@{MAYA}>"):
        await approve(open_bill, person, None)
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 0


async def test_rights_are_those_of_the_database_not_of_the_old_card(open_bill: Company) -> None:
    forged = Caller(MEL, frozenset({Role.OWNER}))
    async with unit(open_bill) as session:
        with pytest.raises(NotAllowed):
            await Console(session, open_bill.clock).approve(forged, "B-145", None, source="x")


async def test_above_the_limit_two_people_must_speak(company: Company) -> None:
    await company.put(bill("145", 12_000, DUE))
    seen = await card(company, MAYA)
    first = await approve(company, MAYA, seen.version)
    assert first.kind is OutcomeKind.WAITING
    state = first.card.state  # type: ignore[union-attr]
    assert (state.phase, state.needs, state.waiting_for) == (Phase.PROPOSED, "a second approver", (OMAR,))
    assert (await approve(company, MAYA, seen.version)).kind is OutcomeKind.ALREADY
    waiting = await card(company, OMAR)
    assert waiting.acts[0] is CardAct.CONFIRM
    second = await approve(company, OMAR, waiting.version)
    assert second.kind is OutcomeKind.DECIDED
    assert [voice.by for voice in second.card.state.voices] == [MAYA, OMAR]  # type: ignore[union-attr]
    async with unit(company) as session:
        decision = await find_live(session, "145")
    assert decision is not None
    assert (decision.created_by, decision.decided_by, decision.decided_at) == (MAYA, OMAR, company.clock.now())


@pytest.mark.parametrize(("writeback", "notes"), [(Writeback.OFF, 0), (Writeback.NOTE, 1)])
async def test_a_note_in_quickbooks_is_ordered_only_where_it_was_asked_for(
    open_bill: Company, writeback: Writeback, notes: int
) -> None:
    await set_policy(open_bill, PolicyChange(bill_writeback=writeback))
    await approve(open_bill, MAYA, None)
    await approve(open_bill, OMAR, None)
    assert await count(open_bill, "SELECT count(*) FROM outbox WHERE dedupe_key LIKE '%note'") == notes


async def test_a_delegate_approves_within_the_limit_on_behalf_of_who_lent_it(open_bill: Company) -> None:
    await delegate(open_bill, 2_000)
    outcome = await approve(open_bill, AVA, (await card(open_bill, AVA)).version)
    assert outcome.kind is OutcomeKind.DECIDED
    assert [(one.by, one.on_behalf_of) for one in outcome.card.state.voices] == [(AVA, MAYA)]  # type: ignore[union-attr]


async def test_a_delegate_above_the_limit_only_brings_it_before_an_owner(company: Company) -> None:
    await delegate(company, 1_000)
    await company.put(bill("145", 1_200, DUE))
    outcome = await approve(company, AVA, None)
    assert outcome.kind is OutcomeKind.WAITING
    assert outcome.card.state.waiting_for == (MAYA, OMAR)  # type: ignore[union-attr]
    assert (await approve(company, OMAR, None)).kind is OutcomeKind.DECIDED


async def test_a_delegation_ends_with_its_last_day(open_bill: Company) -> None:
    await delegate(open_bill, 2_000)
    open_bill.clock.advance(timedelta(days=31))
    await open_bill.read()
    with pytest.raises(NotAllowed, match="no approval limit today"):
        await approve(open_bill, AVA, None)


async def test_splitting_one_vendors_bill_does_not_slip_below_a_limit(company: Company) -> None:
    await delegate(company, 1_000)
    await company.put(bill("1", 700, DUE, number="A"), bill("2", 650, DUE, number="B"))
    assert (await approve(company, AVA, None, "B-1")).kind is OutcomeKind.DECIDED
    second = await approve(company, AVA, None, "B-2")
    assert second.kind is OutcomeKind.WAITING


async def test_owners_cannot_split_past_the_second_approver_either(company: Company) -> None:
    await company.put(bill("1", 6_000, DUE, number="A"), bill("2", 5_000, DUE, number="B"))
    assert (await approve(company, MAYA, None, "B-1")).kind is OutcomeKind.DECIDED
    assert (await approve(company, MAYA, None, "B-2")).kind is OutcomeKind.WAITING


async def test_below_the_floor_only_an_owner_with_a_reason(company: Company) -> None:
    await company.put(bill("145", 4_000, TODAY + timedelta(days=2)))
    await set_policy(company, PolicyChange(floor_cash=Decimal(40_000)))
    await delegate(company, 5_000)
    seen = await card(company, MAYA)
    assert seen.breach
    assert seen.acts[0] is CardAct.APPROVE_ANYWAY
    with pytest.raises(NotAllowed, match="below the floor"):
        await approve(company, AVA, seen.version)
    assert (await approve(company, MAYA, seen.version)).kind is OutcomeKind.NEEDS_REASON
    outcome = await approve(company, MAYA, seen.version, reason="The landlord gave notice")
    assert outcome.kind is OutcomeKind.DECIDED
    assert outcome.card.state.reason == "The landlord gave notice"  # type: ignore[union-attr]


async def test_an_answer_that_changed_since_the_card_decides_nothing(company: Company) -> None:
    await company.put(bill("145", 4_000, TODAY + timedelta(days=2)))
    seen = await card(company, MAYA)
    await set_policy(company, PolicyChange(floor_cash=Decimal(40_000)))
    outcome = await approve(company, MAYA, seen.version, reason="x")
    assert outcome.kind is OutcomeKind.OUTDATED
    assert [change.field for change in outcome.changes] == ["breach"]


async def test_old_books_are_read_again_before_an_approval_and_then_the_same_click_counts(open_bill: Company) -> None:
    open_bill.clock.advance(timedelta(hours=2))
    seen = await card(open_bill, MAYA)
    outcome = await approve(open_bill, MAYA, seen.version)
    assert outcome.kind is OutcomeKind.CHECKING
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 0
    assert await count(open_bill, "SELECT count(*) FROM outbox WHERE kind = 'ApproveAfterRead'") == 1


async def test_beyond_a_day_the_console_is_read_only(open_bill: Company) -> None:
    open_bill.clock.advance(timedelta(hours=25))
    seen = await card(open_bill, MAYA)
    assert seen.acts == ()
    with pytest.raises(Refused, match="24 hours"):
        await approve(open_bill, MAYA, None)


async def test_a_blocked_bill_cannot_be_decided_and_other_tenants_bills_do_not_exist(
    open_bill: Company, other_business: object, db: Database, clock: FrozenClock
) -> None:
    await open_bill.put(bill("146", 900, None))
    with pytest.raises(Refused, match="mend first"):
        await approve(open_bill, MAYA, None, "B-146")
    other = await Company(db, other_business, clock).open()  # type: ignore[arg-type]
    await other.put(bill("999", 10, DUE))
    with pytest.raises(Refused, match="no bill B-999"):
        await approve(open_bill, MAYA, None, "B-999")


async def test_undo_frees_the_bill_until_hand_off(open_bill: Company) -> None:
    await approve(open_bill, MAYA, None)
    async with unit(open_bill) as session:
        console = Console(session, open_bill.clock)
        undone = await console.undo(caller(OMAR), "B-145", source="x")
    assert undone.card.state.standing is Standing.READY  # type: ignore[union-attr]
    assert (await approve(open_bill, OMAR, None)).kind is OutcomeKind.DECIDED


async def test_a_hold_ends_on_its_day_and_the_bill_can_be_decided_again(open_bill: Company) -> None:
    async with unit(open_bill) as session:
        console = Console(session, open_bill.clock)
        await console.hold(caller(AVA), "B-145", None, until=TODAY + timedelta(days=2), source="x")
    assert (await approve(open_bill, MAYA, None)).kind is OutcomeKind.ALREADY
    open_bill.clock.advance(timedelta(days=2))
    await open_bill.read()
    await open_bill.put(bill("145", 1_200, DUE, note="read again"))
    assert (await approve(open_bill, MAYA, None)).kind is OutcomeKind.DECIDED


async def test_a_crash_before_commit_leaves_nothing(open_bill: Company) -> None:
    with pytest.raises(RuntimeError, match="pulled"):
        async with unit(open_bill) as session:
            await Console(session, open_bill.clock).approve(caller(MAYA), "B-145", None, source="x")
            raise RuntimeError("the plug was pulled")
    assert await count(open_bill, "SELECT count(*) FROM decisions") == 0
    assert await count(open_bill, "SELECT count(*) FROM outbox") == 0
    assert await count(open_bill, "SELECT count(*) FROM audit_log WHERE object_type = 'decision'") == 0


async def test_paid_first_expires_and_paid_after_hand_off_verifies(open_bill: Company) -> None:
    await approve(open_bill, MAYA, None)
    await open_bill.put(bill_payment("70", "145", 1_200, TODAY), bill("145", 1_200, DUE, balance=0, paid_by=["70"]))
    async with unit(open_bill) as session:
        changes = await Console(session, open_bill.clock).after_sync()
        assert len(changes.expired) == 1
        latest = await find_latest(session, "145")
    assert latest is not None
    assert latest.reason == "The bill was paid in QuickBooks first."


async def in_turn(act: Callable[[], Awaitable[object]]) -> None:
    """Whoever stood in the queue for too long asks again; a circle is told as a deadlock before that."""
    while True:
        try:
            await act()
        except Busy as busy:
            if "lock timeout" not in str(busy):
                raise
        else:
            return


async def test_approvals_of_many_bills_and_syncs_at_once_wait_but_never_for_each_other(company: Company) -> None:
    """Everybody takes the chain's lock first: no circle of waiting, however slow the machine."""
    keys = [str(number) for number in range(1, 13)]
    await company.put(*(bill(key, 100 + 9 * int(key), DUE) for key in keys), bill("99", 70, None, number="z"))

    async def sync() -> None:
        async with unit(company) as session:
            await Tray(session, company.clock).reconcile_after_sync(company.clock.now())
            await Console(session, company.clock).after_sync()

    async def resolve() -> None:
        async with unit(company) as session:
            await Tray(session, company.clock).resolve(caller(MAYA), "Bill:99:MISSING_DUE_DATE", None, source="x")

    acts: list[Callable[[], Awaitable[object]]] = [sync, resolve, sync]
    acts += [partial(approve, company, (MAYA, OMAR)[int(key) % 2], None, f"B-{key}") for key in keys]
    await asyncio.gather(*map(in_turn, acts))
    assert await count(company, "SELECT count(*) FROM decisions WHERE phase = 'approved'") == len(keys)
    async with unit(company) as session:
        assert await list_breaches(session) == []
