"""From approval over hand-off to what QuickBooks shows: each line for itself, nothing twice, nothing lost."""

import asyncio
import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from domains.audit import list_entries
from domains.decisions import Decision, Phase, find_latest
from domains.mirror import Entity
from kit.errors import NotAllowed, Outdated, Refused
from kit.money import Money
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.paylist import PaylistOrchestrator, safe_cell
from orchestrators.results.paylist import HandOffResult, PaylistResult
from tests.integration.desk.company import AVA, MAYA, MEL, OMAR, TODAY, Company, account, bill, bill_payment
from tests.integration.desk.conftest import caller, unit

DUE = TODAY + timedelta(days=4)


@pytest.fixture
async def approved(company: Company) -> Company:
    """B-145 (1,200) and B-146 (300) were approved by Maya."""
    await company.put(bill("145", 1_200, DUE), bill("146", 300, DUE, number="=1+1"))
    for key in ("B-145", "B-146"):
        async with unit(company) as session:
            await Console(session, company.clock).approve(caller(MAYA), key, None, source="x")
    return company


async def paylist(company: Company, person: str = MAYA) -> PaylistResult:
    async with unit(company) as session:
        return await PaylistOrchestrator(session, company.clock).get_paylist(caller(person))


async def hand_off(company: Company, person: str = MAYA, version: str | None = None) -> HandOffResult:
    async with unit(company) as session:
        return await PaylistOrchestrator(session, company.clock).hand_off(caller(person), version, source="x")


async def settle(company: Company, *, days: int = 0) -> Decision:
    company.clock.advance(timedelta(days=days))
    await company.read()
    async with unit(company) as session:
        await Console(session, company.clock).after_sync()
        latest = await find_latest(session, "145")
    assert latest is not None
    return latest


def paid(amount: float, on: date) -> tuple[tuple[Entity, dict[str, object]], ...]:
    balance = 1_200 - amount
    return bill_payment("70", "145", amount, on), bill("145", 1_200, DUE, balance=balance, paid_by=["70"])


async def test_the_list_adds_up_and_waits_for_those_who_may_hand_it_off(approved: Company) -> None:
    shown = await paylist(approved)
    assert [line.record.ref for line in shown.lines] == ["B-145", "B-146"]
    assert shown.totals == (Money(Decimal(1_500), "USD"),)
    assert shown.home_total == Money(Decimal(1_500), "USD")
    assert (await paylist(approved, AVA)).acts == ()
    with pytest.raises(NotAllowed):
        await hand_off(approved, AVA)


async def test_hand_off_gives_a_file_that_no_spreadsheet_can_run(approved: Company) -> None:
    handed = await hand_off(approved, version=(await paylist(approved)).version)
    assert handed.csv is not None
    assert handed.filename == f"runway-paylist-{TODAY:%Y-%m-%d}-0700.csv", "on the business's own clock"
    rows = list(csv.DictReader(io.StringIO(handed.csv)))
    assert list(rows[0]) == [
        "vendor",
        "bill number",
        "open balance",
        "currency",
        "due date",
        "pay date",
        "approved by",
        "reference",
    ]
    by_reference = {row["reference"]: row for row in rows}
    assert {row["open balance"] for row in rows} == {"1200.00", "300.00"}
    assert "'=1+1" in {row["bill number"] for row in rows}
    assert by_reference.keys() == {line.reference for line in handed.done}
    assert (await paylist(approved)).lines == ()
    async with unit(approved) as session:
        again = await PaylistOrchestrator(session, approved.clock).get_batch(caller(OMAR), str(handed.batch_id))
        with pytest.raises(NotAllowed):
            await PaylistOrchestrator(session, approved.clock).get_batch(caller(MEL), str(handed.batch_id))
    assert again.csv == handed.csv


async def test_however_long_the_list_others_wait_for_one_step_behind_the_chain(approved: Company) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(approved.db.engine.sync_engine, "before_cursor_execute", note)
    try:
        handed = await hand_off(approved)
    finally:
        event.remove(approved.db.engine.sync_engine, "before_cursor_execute", note)
    assert len(handed.done) == 2
    assert [one.split()[0] for one in said if "audit_log" in one] == ["SELECT", "INSERT"]
    assert len([one for one in said if one.startswith("UPDATE decisions")]) == 1


async def test_a_line_that_fails_stays_with_its_error_and_the_others_go(approved: Company) -> None:
    await approved.put(bill("146", 350, DUE, number="=1+1"))
    handed = await hand_off(approved)
    assert [line.record.ref for line in handed.done] == ["B-145"]
    assert [line.record.ref for line in handed.failed] == ["B-146"]
    (left,) = (await paylist(approved)).lines
    assert left.error == "The bill changed in QuickBooks: open balance $300.00 → $350.00."
    async with unit(approved) as session:
        told = await list_entries(session, object_type="decision", object_id=left.decision_id)
    assert "decision.hand_off_failed" in {entry.action for entry in told}


async def test_a_bill_that_was_paid_meanwhile_is_not_given_to_whoever_pays(approved: Company) -> None:
    await approved.put(*paid(1_200, TODAY))
    handed = await hand_off(approved)
    assert [line.record.ref for line in handed.done] == ["B-146"]
    assert [line.error for line in handed.failed] == ["The bill is not open in QuickBooks any more."]


async def test_two_who_hand_off_at_once_make_one_file(approved: Company) -> None:
    first, second = await asyncio.gather(hand_off(approved, MAYA), hand_off(approved, OMAR))
    assert sorted(len(one.done) for one in (first, second)) == [0, 2]
    assert {first.csv is None, second.csv is None} == {True, False}


async def test_a_list_that_changed_is_not_handed_off(approved: Company) -> None:
    seen = await paylist(approved)
    async with unit(approved) as session:
        await Console(session, approved.clock).undo(caller(MAYA), "B-146", source="x")
    with pytest.raises(Outdated):
        await hand_off(approved, version=seen.version)


async def test_what_was_handed_off_cannot_be_taken_back(approved: Company) -> None:
    await hand_off(approved)
    async with unit(approved) as session:
        with pytest.raises(Refused, match="handed off"):
            await Console(session, approved.clock).undo(caller(MAYA), "B-145", source="x")


async def test_a_payment_as_approved_is_verified(approved: Company) -> None:
    await hand_off(approved)
    await approved.put(*paid(1_200, TODAY + timedelta(days=2)))
    decision = await settle(approved, days=2)
    assert decision.phase is Phase.VERIFIED
    assert (decision.seen_on, decision.seen_payment) == (TODAY + timedelta(days=2), "70")
    assert decision.seen_amount == Money(Decimal(1_200), "USD")


async def test_of_several_payments_the_last_one_is_when_it_was_paid(approved: Company) -> None:
    await hand_off(approved)
    late, early = TODAY + timedelta(days=3), TODAY + timedelta(days=1)
    closed = bill("145", 1_200, DUE, balance=0, paid_by=["70", "71"])
    await approved.put(bill_payment("70", "145", 700, late), bill_payment("71", "145", 500, early), closed)
    decision = await settle(approved, days=3)
    assert (decision.phase, decision.seen_on, decision.seen_payment) == (Phase.VERIFIED, late, "70")


@pytest.mark.parametrize(
    ("amount", "on", "said"),
    [
        (1_100, TODAY, "$1,100.00 was paid, $1,200.00 was approved."),
        (1_200, TODAY + timedelta(days=20), "Paid on Sun 13 Dec, to be paid by"),
        (1_200, TODAY - timedelta(days=9), "dated Sat 14 Nov, before the decision"),
    ],
)
async def test_another_amount_or_date_is_a_mismatch_and_says_which(
    approved: Company, amount: float, on: date, said: str
) -> None:
    await hand_off(approved)
    await approved.put(*paid(amount, on))
    decision = await settle(approved, days=1)
    assert decision.phase is Phase.MISMATCH
    assert said in (decision.reason or "")


async def test_a_payment_not_seen_in_time_is_stale_and_still_verified_when_it_comes(approved: Company) -> None:
    await hand_off(approved)
    assert (await settle(approved, days=4)).phase is Phase.HANDED_OFF
    assert (await settle(approved, days=6)).phase is Phase.STALE
    await approved.put(*paid(1_200, TODAY + timedelta(days=7)))
    assert (await settle(approved)).phase is Phase.VERIFIED


async def test_a_bill_that_vanishes_after_hand_off_is_a_mismatch(approved: Company) -> None:
    await hand_off(approved)
    await approved.delete(Entity.BILL, "145")
    assert (await settle(approved)).phase is Phase.MISMATCH


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (bill("145", 1_300, DUE), "open balance $1,200.00 → $1,300.00"),
        (bill("145", 1_200, DUE + timedelta(days=1)), "due Fri 27 Nov → Sat 28 Nov"),
        (bill("145", 1_200, DUE, vendor="57"), "vendor Northshore Print → Pier Rent LLC"),
        (bill("145", 1_200, DUE, account_id="62"), "its lines"),
        (bill("145", 0, DUE, note="Voided"), "voided"),
    ],
)
async def test_a_bill_that_changes_before_hand_off_expires_the_approval(
    approved: Company, change: tuple[Entity, dict[str, object]], said: str
) -> None:
    await approved.put(change)
    decision = await settle(approved)
    assert decision.phase is Phase.EXPIRED
    assert said in (decision.reason or "")


async def test_a_bill_that_is_deleted_before_hand_off_expires_the_approval(approved: Company) -> None:
    await approved.delete(Entity.BILL, "145")
    decision = await settle(approved)
    assert (decision.phase, decision.reason) == (Phase.EXPIRED, "The bill was deleted in QuickBooks.")


async def test_paying_an_approved_bill_leaves_available_cash_as_it_was(approved: Company) -> None:
    async def available() -> Money:
        async with unit(approved) as session:
            shown = await Console(session, approved.clock).get_decision_data(caller(MAYA))
        return shown.cash.available  # type: ignore[union-attr]

    before = await available()
    assert before == Money(Decimal(45_000 - 1_500), "USD")
    await hand_off(approved)
    assert await available() == before
    await approved.put(*paid(1_200, TODAY), (Entity.ACCOUNT, account("35", "Checking", "Bank", 45_000 - 1_200)))
    assert await available() == before, "also before the desk was settled"
    await settle(approved)
    assert await available() == before


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r\n=1"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text).startswith("'")
    assert "\n" not in safe_cell(text)
