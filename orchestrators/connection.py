"""Linking a business to its books: asked for in Slack, granted at Intuit, kept whole or not at all."""

import asyncio
import secrets
from dataclasses import dataclass
from uuid import UUID

from domains import audit, tickets
from domains.books import Books, end_link
from domains.businesses import get_workspace
from domains.companies import find_company
from domains.connections import ConnectionStatus, find_connection
from domains.people import Act, Caller, list_roles, require
from domains.sync_history import Kind
from domains.tickets import Step
from kit.clock import Clock
from kit.db import Database, TenantSession
from kit.errors import Busy, Gone, Refused, VendorFault
from kit.outbox import enqueue
from orchestrators.jobs import Redraw
from orchestrators.outgoing import ShowFirstSteps
from orchestrators.switching import leave_company
from orchestrators.sync import order_sync

STALE = "This link was used already, is older than ten minutes, or was opened in another browser. Nothing was changed."
REVOKE_WITHIN_S = 1.2  # a click waits for it, and is stopped soon after
CONNECT, DISCONNECT = "connect QuickBooks", "disconnect QuickBooks"


class Spent(Refused):
    """A way that leads nowhere (any more). What it led to before stands: people reload the page they ended on."""

    def __init__(self) -> None:
        super().__init__(STALE)


@dataclass(frozen=True, slots=True)
class Invite:
    """`ticket` opens the way to Intuit once, for this person. `company` is the one whose books are shown, if any are.

    `live`: they can be read; `lost`: QuickBooks lets nobody in any more until it is asked again.
    """

    ticket: str
    company: str | None
    live: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class Started:
    """The browser's half of the way: where to go, and the cookie that proves it is the same browser coming back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Connected:
    business_id: UUID
    team_id: str
    app_id: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class ConnectionOrchestrator:
    session: TenantSession
    clock: Clock

    async def invite(self, caller: Caller, *, switch: bool = False) -> Invite:
        """Raises `NotAllowed`."""
        await require(self.session, caller, Act.MANAGE, CONNECT)
        linked = await find_connection(self.session)
        company = await find_company(self.session)
        ticket = await tickets.issue(self.session, Step.TICKET, slack_user=caller.slack_user, switch=switch)
        lost = linked is not None and linked.status is ConnectionStatus.NEEDS_RECONNECT
        return Invite(ticket, company.name if company else None, bool(linked and linked.live), lost)

    async def get_linked_company(self, caller: Caller) -> str | None:
        """The name to show before letting go. Raises `NotAllowed`, or `Refused` when nothing is linked."""
        await require(self.session, caller, Act.MANAGE, DISCONNECT)
        linked = await find_connection(self.session)
        if linked is None or linked.ended_at is not None:
            raise Refused("QuickBooks is not connected. Nothing was changed.")
        company = await find_company(self.session)
        return company.name if company else None


async def begin(db: Database, books: Books, ticket: str) -> Started:
    """Trade the ticket for a state. Raises `Spent` for a ticket that is not good any more."""
    async with db.system_session() as session:
        bearer = await tickets.take(session, ticket, Step.TICKET)
    if bearer is None:
        raise Spent
    cookie = secrets.token_urlsafe(32)
    async with db.tenant_session(bearer.business_id) as session:
        state = await tickets.issue(
            session, Step.STATE, slack_user=bearer.slack_user, switch=bearer.switch, cookie=cookie
        )
    return Started(books.authorize_url(state), cookie)


async def decline(db: Database, state: str) -> None:
    """The person said no at Intuit: the state is spent, nothing else changes."""
    async with db.system_session() as session:
        await tickets.take(session, state, Step.STATE)


async def complete(
    db: Database, clock: Clock, books: Books, *, state: str, cookie: str, code: str, realm_id: str
) -> Connected:
    """Exchange the code and keep the link, its audit row and its first sync in one transaction.

    Raises `Spent` for a stale or foreign state, else `Refused`: a person who may not connect any more, a company that
    is another's or did not consent.
    """
    async with db.system_session() as session:
        bearer = await tickets.take(session, state, Step.STATE)
    if bearer is None or not bearer.fits(cookie) or not code or not realm_id.isdigit():
        raise Spent
    granted = await books.exchange(code, realm_id)
    async with db.tenant_session(bearer.business_id) as session:
        caller = Caller(bearer.slack_user, await list_roles(session, bearer.slack_user))
        await require(session, caller, Act.MANAGE, CONNECT)
        await audit.lock_chain(session)
        replaced = await books.keep(session, granted, by=caller.slack_user, switch=bearer.switch, now=clock.now())
        if replaced:
            await leave_company(session, clock, by=caller.slack_user)
        await _announce(session, clock, caller, realm_id)
        return Connected(bearer.business_id, *await _place(session), replaced)


async def _announce(session: TenantSession, clock: Clock, caller: Caller, realm_id: str) -> None:
    entry = audit.Entry(
        actor=caller.slack_user,
        action="books.connected",
        object_type="connection",
        object_id=realm_id,
        source="connect",
    )
    seq = await audit.record(session, entry, clock=clock)
    await order_sync(session, Kind.FULL, actor=caller.slack_user, key=f"connect:{seq}")
    await enqueue(session, ShowFirstSteps(), key=f"steps:connect:{seq}")
    await enqueue(session, Redraw(subject="home"), key=f"redraw:home:connect:{seq}")


async def disconnect(
    db: Database,
    clock: Clock,
    books: Books,
    business_id: UUID,
    caller: Caller,
    *,
    source: str,
    patience: float = REVOKE_WITHIN_S,
) -> bool:
    """Revoke at Intuit, then forget. Should Intuit not answer in time, our tokens are forgotten all the same.

    Whether Intuit confirmed it.
    """
    async with db.tenant_session(business_id) as session:
        await ConnectionOrchestrator(session, clock).get_linked_company(caller)
    revoked = await _revoke(books, business_id, patience)
    async with db.tenant_session(business_id) as session:
        await require(session, caller, Act.MANAGE, DISCONNECT)
        await end_link(session, clock.now())
        entry = audit.Entry(
            actor=caller.slack_user,
            action="books.disconnected",
            object_type="connection",
            object_id=str(business_id),
            after={"revoked_at_intuit": revoked},
            source=source,
        )
        seq = await audit.record(session, entry, clock=clock)
        await enqueue(session, Redraw(subject="home"), key=f"redraw:home:disconnect:{seq}")
    return revoked


async def _revoke(books: Books, business_id: UUID, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            await books.revoke(business_id)
    except (Busy, VendorFault, TimeoutError):
        return False
    return True


async def _place(session: TenantSession) -> tuple[str, str]:
    """Team and app, to lead the browser back to; blank when the app was removed meanwhile."""
    try:
        workspace = await get_workspace(session)
    except Gone:
        return "", ""
    return workspace.team_id, workspace.app_id
