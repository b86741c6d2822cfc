"""Writes an approval's note into a bill, once: under timeouts, stale versions, crashes, and our own earlier success."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from domains.documents import TransactionDoc, decode_transaction, id_of
from domains.mirror import Entity
from domains.qbo import storage
from domains.qbo.client import QboClient
from domains.qbo.faults import ObjectGone, QboFault, StaleObject
from domains.qbo.run import Unit, sort
from domains.qbo.storage import Origin
from domains.qbo.sync import SmartSyncService, of_company
from domains.qbo.wire import Page
from domains.sync_history import Kind
from domains.writeback import NoteRow, NoteState
from kit.errors import Busy

ATTEMPTS = 3
LONGEST_NOTE = 4000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Intent:
    """`key` names what is meant to happen once; the note carries it as its reference, so that it can be recognised."""

    key: str
    bill_id: str
    note: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One writing: what is stored of the intent, and how to speak to QuickBooks."""

    service: SmartSyncService
    unit: Unit
    client: QboClient
    intent: Intent


async def write(service: SmartSyncService, business_id: UUID, unit: Unit, intent: Intent) -> NoteState:
    """Raises `Busy` when nobody can tell whether it arrived: called again, it asks with the same requestid."""
    row = await _intend(unit, intent)
    if row.state != NoteState.INTENDED:
        return NoteState(row.state)
    # What was intended first stands: names may have changed since, and the note must be recognised.
    stored = Intent(intent.key, row.bill_id, row.note)
    client = await service.client_of(business_id)
    step = _Step(service, of_company(unit, client.realm_id), client, stored)
    try:
        return await _persist(step, row)
    finally:
        await service.count(business_id, step.client)


async def _persist(step: _Step, row: NoteRow) -> NoteState:
    for attempt in range(row.attempt, row.attempt + ATTEMPTS):
        try:
            return await _attempt(step, row.id, attempt)
        except StaleObject:
            # A definite refusal: nothing was written, so the next attempt is another request.
            await _count(step.unit, row.id, attempt + 1)
        except ObjectGone:
            return await _settle(step, row.id, NoteState.ABANDONED, "the bill is no longer in QuickBooks")
        except QboFault as error:
            return await _settle(step, row.id, NoteState.ABANDONED, str(error))
    raise Busy("the bill is being edited in QuickBooks at this moment", retry_after=60)


async def _intend(unit: Unit, intent: Intent) -> NoteRow:
    """The row stands before anything is sent, under an id that follows from the intent."""
    async with unit() as session:
        values = {
            "business_id": session.business_id,
            "id": uuid5(NAMESPACE_URL, f"{session.business_id}:{intent.key}"),
            "intent_key": intent.key,
            "bill_id": intent.bill_id,
            "note": intent.note,
            "state": NoteState.INTENDED,
        }
        await session.execute(insert(NoteRow).values(values).on_conflict_do_nothing())
        return (await session.execute(select(NoteRow).where(NoteRow.intent_key == intent.key))).scalar_one()


async def _attempt(step: _Step, note_id: UUID, attempt: int) -> NoteState:
    current, token = await _live(step)
    if step.intent.note in (current.private_note or ""):
        return await _settle(step, note_id, NoteState.WRITTEN, "found already written")
    note = f"{current.private_note}\n{step.intent.note}" if current.private_note else step.intent.note
    if len(note) > LONGEST_NOTE:
        return await _settle(step, note_id, NoteState.ABANDONED, "the bill's note has no room for more")
    page = await step.client.update(
        Entity.BILL, _document(current, token, step.intent.bill_id, note), requestid=f"{note_id.hex}-{attempt}"
    )
    await _store(step, page)
    return await _settle(step, note_id, NoteState.WRITTEN, None)


async def _live(step: _Step) -> tuple[TransactionDoc, int]:
    """The bill as it is now, and the version to write against."""
    page = await step.client.read(Entity.BILL, step.intent.bill_id)
    await _store(step, page)
    row = sort(page).rows[0]
    return decode_transaction(row.document), row.sync_token


def _document(current: TransactionDoc, token: int, bill_id: str, note: str) -> Mapping[str, object]:
    """Sparse: lines and dates stay. VendorRef is sent along because QuickBooks documents only full updates."""
    return {
        "Id": bill_id,
        "SyncToken": str(token),
        "sparse": True,
        "VendorRef": {"value": id_of(current.vendor_ref)},
        "PrivateNote": note,
    }


async def _store(step: _Step, page: Page) -> None:
    """What we wrote is stored as an answer like any other: when change data capture echoes it, it is no news."""
    async with step.unit() as session:
        origin = Origin(Kind.NOTE, "runway", None, step.service.clock.now())
        await storage.store(session, sort(page).rows, page.answered, origin)


async def _count(unit: Unit, note_id: UUID, attempt: int) -> None:
    async with unit() as session:
        await session.execute(update(NoteRow).where(NoteRow.id == note_id).values(attempt=attempt))


async def _settle(step: _Step, note_id: UUID, state: NoteState, reason: str | None) -> NoteState:
    async with step.unit() as session:
        values = {"state": state, "reason": reason and reason[:200], "settled_at": func.now()}
        await session.execute(update(NoteRow).where(NoteRow.id == note_id).values(**values))
    log.info("note.settled", note_state=state)
    return state
