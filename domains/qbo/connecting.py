"""Makes and ends the link to a company: what Intuit granted is kept for one business and one company, or not at all."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from domains.connections import ConnectionRow, ConnectionStatus
from domains.mirror import PostingRow, QuarantineRow, RecordRow
from domains.qbo.auth import TokenPair
from domains.qbo.client import Access, QboClient
from domains.qbo.faults import AccessLost, TokenRejected
from domains.qbo.tokens import TokenKeeper
from domains.sync_history import CursorRow, SliceRow
from domains.writeback import NoteRow, NoteState
from kit.crypto import Secret
from kit.db import TenantSession
from kit.errors import Busy, Refused, VendorFault

OTHER_COMPANY = (
    "This workspace shows the books of another QuickBooks company. Nothing was connected. "
    "To replace those books, type /runway connect switch in Slack instead."
)
NOT_LET_IN = "QuickBooks does not let Runway into the company it named. Nothing was connected; please try again."
TAKEN = "That QuickBooks company is already connected to another Slack workspace. Nothing was connected."


# A person waits in a browser for the proof.
PROOF_S = 8.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A token that was granted just now: there is none newer."""

    access: Secret

    async def get(self) -> Access:
        return Access(self.access, generation=0)

    async def renew(self, stale: Access) -> Access:
        return stale


async def prove(client: QboClient) -> None:
    """Read the company's own record: the address that led back here may name a company that consented to nothing.

    Raises `Refused`. A QuickBooks in trouble proves nothing either way; then the first sync finds out.
    """
    try:
        async with asyncio.timeout(PROOF_S):
            await client.query("SELECT * FROM CompanyInfo")
    except (TokenRejected, AccessLost) as fault:
        raise Refused(NOT_LET_IN) from fault
    except (Busy, VendorFault, TimeoutError) as fault:
        log.warning("qbo.company_unproven", fault=type(fault).__name__)


@dataclass(frozen=True, slots=True)
class Grant:
    """What came back from Intuit's consent page, exchanged for tokens."""

    realm_id: str
    pair: TokenPair
    by: str
    switch: bool


async def keep_grant(session: TenantSession, keeper: TokenKeeper, grant: Grant, now: datetime) -> bool:
    """Store the tokens; True when this is another company than before. Raises `Refused`, and nothing is kept."""
    # Consent for the same company waits for no page of a sync that is under way.
    known = (await session.execute(select(ConnectionRow).with_for_update(key_share=True))).scalar_one_or_none()
    other = known is not None and known.realm_id != grant.realm_id
    if other and not grant.switch:
        raise Refused(OTHER_COMPANY)
    if other:
        await session.execute(select(ConnectionRow.realm_id).with_for_update())  # pages of the last one end first
        await _forget_books(session)
    try:
        await _store(session, keeper, grant, now, known.generation if known else 0)
    except IntegrityError:
        raise Refused(TAKEN) from None
    return other


async def _store(session: TenantSession, keeper: TokenKeeper, grant: Grant, now: datetime, generation: int) -> None:
    values = {
        "realm_id": grant.realm_id,
        "status": ConnectionStatus.CONNECTED,
        "reason": None,
        "access_token": keeper.seal(grant.pair.access, "access_token"),
        "refresh_token": keeper.seal(grant.pair.refresh, "refresh_token"),
        "previous_refresh_token": None,
        "generation": generation + 1,
        "access_expires_at": grant.pair.access_expires_at,
        "refresh_expires_at": grant.pair.refresh_expires_at,
        "hard_expires_at": grant.pair.hard_expires_at,
        "refreshed_at": now,
        "lease": None,
        "lease_until": None,
        "connected_by": grant.by,
        "connected_at": now,
        "ended_at": None,
    }
    statement = insert(ConnectionRow).values(business_id=session.business_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["business_id"], set_=values))


async def _forget_books(session: TenantSession) -> None:
    """Ids of two companies must not meet in one mirror, nor a note in a bill of the other one.

    History stays: it holds digests only.
    """
    for table in (RecordRow, PostingRow, QuarantineRow, CursorRow, SliceRow):
        await session.execute(delete(table))
    left = {"state": NoteState.ABANDONED, "reason": "another company was connected"}
    await session.execute(update(NoteRow).where(NoteRow.state == NoteState.INTENDED).values(**left))
