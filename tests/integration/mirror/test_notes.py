"""An approval's note is in the bill once: after timeouts, lost answers, stale versions and repeated jobs."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from domains.books import Books
from domains.mirror import TransactionLogRow
from domains.qbo.notes import LONGEST_NOTE
from domains.sync_history import Kind
from domains.writeback import NoteState
from kit.errors import Busy
from sandbox.qbo import mutations
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, truth

NOTE = "Approved by Maya on 2026-11-23 (Runway R-1A2B3C4D)"


@pytest.fixture
async def synced(stage: Stage, business: UUID) -> Stage:
    await stage.sync(business, Kind.FULL)
    stage.clock.advance(timedelta(minutes=5))
    return stage


@pytest.fixture
def bill(synced: Stage, business: UUID) -> str:
    """An open bill that somebody wrote something on already."""
    company = synced.company(business)
    rows = (row.doc() for row in company.tables["Bill"].values())
    found = next(doc["Id"] for doc in rows if doc["Balance"] > 0 and "VendorRef" in doc)
    change = {"op": "raw", "entity": "Bill", "id": found, "set": {"PrivateNote": "PO 1187"}}
    mutations.apply(company, change, synced.clock.now())
    return str(found)


async def write(stage: Stage, business: UUID, bill: str, intent: str = "decision:1") -> NoteState:
    return await Books(stage.service).write_note(business, stage.unit(business), bill, NOTE, intent=intent)


def notes_in(stage: Stage, business: UUID, bill: str) -> int:
    return str(stage.company(business).get("Bill", bill).get("PrivateNote", "")).count(NOTE)


async def test_the_note_stands_under_what_was_there_and_nothing_else_changes(
    synced: Stage, business: UUID, bill: str
) -> None:
    before = synced.company(business).get("Bill", bill)
    assert await write(synced, business, bill) is NoteState.WRITTEN
    after = synced.company(business).get("Bill", bill)
    assert after["PrivateNote"] == f"{before['PrivateNote']}\n{NOTE}"
    assert {key for key in after if after[key] != before.get(key)} <= {"PrivateNote", "SyncToken", "MetaData"}


async def test_the_same_intent_writes_once_however_often_it_is_asked(synced: Stage, business: UUID, bill: str) -> None:
    for _ in range(3):
        assert await write(synced, business, bill) is NoteState.WRITTEN
    assert notes_in(synced, business, bill) == 1


@pytest.mark.parametrize("trouble", [Trouble.TIMEOUT, Trouble.RESET, Trouble.SERVER_ERROR, Trouble.UNAVAILABLE])
async def test_an_answer_that_was_lost_after_the_write_does_not_repeat_it(
    synced: Stage, business: UUID, bill: str, trouble: Trouble
) -> None:
    lost = Plan(trouble, times=4, skip=1, applied=True, endpoint=None, seconds=0.01)
    synced.sandbox.mischief.plans.append(lost)
    with pytest.raises(Busy):
        await write(synced, business, bill)
    synced.sandbox.mischief.clear()
    assert await write(synced, business, bill) is NoteState.WRITTEN
    assert notes_in(synced, business, bill) == 1


async def test_a_write_whose_answer_was_lost_once_is_replayed_under_its_own_request_id(
    synced: Stage, business: UUID, bill: str
) -> None:
    synced.sandbox.mischief.plans.append(Plan(Trouble.SERVER_ERROR, skip=1, applied=True))
    token = int(synced.company(business).get("Bill", bill)["SyncToken"])
    assert await write(synced, business, bill) is NoteState.WRITTEN
    assert int(synced.company(business).get("Bill", bill)["SyncToken"]) == token + 1


async def test_a_stale_version_is_read_again_and_written_on_top(synced: Stage, business: UUID, bill: str) -> None:
    synced.sandbox.mischief.plans.append(Plan(Trouble.STALE, skip=1))
    assert await write(synced, business, bill) is NoteState.WRITTEN
    assert notes_in(synced, business, bill) == 1


async def test_a_bill_that_is_gone_is_given_up_with_a_reason(synced: Stage, business: UUID, bill: str) -> None:
    mutations.apply(synced.company(business), {"op": "delete", "entity": "Bill", "id": bill}, synced.clock.now())
    assert await write(synced, business, bill) is NoteState.ABANDONED


async def test_a_note_that_has_no_room_takes_nothing_from_what_somebody_wrote(
    synced: Stage, business: UUID, bill: str
) -> None:
    full = {"op": "raw", "entity": "Bill", "id": bill, "set": {"PrivateNote": "x" * LONGEST_NOTE}}
    mutations.apply(synced.company(business), full, synced.clock.now())
    assert await write(synced, business, bill) is NoteState.ABANDONED
    assert synced.company(business).get("Bill", bill)["PrivateNote"] == "x" * LONGEST_NOTE


async def test_the_echo_of_our_own_note_is_no_news(synced: Stage, business: UUID, bill: str) -> None:
    await write(synced, business, bill)
    synced.clock.advance(timedelta(minutes=5))
    assert (await synced.sync(business)).news == []
    assert differences(truth(synced.company(business)), await mirror(synced.db, business)) == []
    async with synced.db.tenant_session(business) as session:
        ours = (TransactionLogRow.qbo_id == bill, TransactionLogRow.source == Kind.NOTE)
        logged = select(TransactionLogRow).where(*ours).order_by(TransactionLogRow.seq)
        found, written = (await session.execute(logged)).scalars().all()
    assert (written.action, written.actor) == ("updated", "runway")
    assert written.before == found.after
