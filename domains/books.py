"""The one door to QuickBooks for whoever is not QuickBooks' own code: link it, let it go, read it live, sync it.

Built by a composition root and handed down, so that the bot and the orchestrators never meet the client itself. What
takes no session speaks to QuickBooks: never call that inside an open transaction.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from domains.connections import end_connection, find_connection
from domains.mirror import Entity
from domains.qbo import connecting, notes, webhooks
from domains.qbo.auth import IntuitApp, IntuitAuth, TokenPair
from domains.qbo.changes import Changed
from domains.qbo.client import Pace
from domains.qbo.meter import Meter, reads_of_month
from domains.qbo.run import Unit
from domains.qbo.storage import Key
from domains.qbo.sync import Intuit, LiveRead, Merge, Need, SmartSyncService, SyncOrder
from domains.qbo.webhooks import Event
from domains.qbo.wire import Unreadable
from domains.writeback import NoteState
from kit.config import Settings
from kit.crypto import Secret
from kit.db import TenantSession
from kit.errors import Misconfigured, Refused, VendorFault
from kit.http import new_client
from kit.limits import Limiter
from kit.runtime import Runtime

__all__ = [
    "Books",
    "Changed",
    "Event",
    "Granted",
    "LiveRead",
    "Merge",
    "Need",
    "NoteState",
    "SyncOrder",
    "Unreadable",
    "end_link",
    "open_books",
    "reads_of_month",
]

# What this process takes of a company's rate while Redis cannot say what the others use.
FALLBACK_SHARE = 0.25
IN_FLIGHT = 40
READ_S = 55  # the client's own deadline is shorter


@dataclass(frozen=True, slots=True)
class Granted:
    """Intuit's consent, exchanged but not kept yet. `meter` counts what was asked to prove it."""

    realm_id: str
    pair: TokenPair
    meter: Meter


@dataclass(frozen=True, slots=True)
class Books:
    """One per process. Every call is bound to one business by its argument, and only to that."""

    sync: SmartSyncService
    verifier_tokens: tuple[str, ...] = ()

    async def refresh_record(
        self, business_id: UUID, entity: Entity, qbo_id: str, *, need: Need = Need.STRICT, actor: str
    ) -> LiveRead:
        """The mirror holds the answer afterwards. A vendor in trouble is told in `failure`, never raised."""
        return await self.sync.ensure_record(business_id, Key(entity, qbo_id), need=need, actor=actor)

    async def refresh_balances(self, business_id: UUID, *, need: Need = Need.STRICT, actor: str) -> LiveRead:
        return await self.sync.ensure_balances(business_id, need=need, actor=actor)

    async def run(self, business_id: UUID, unit: Unit, order: SyncOrder) -> Changed:
        """A whole sync as part of a job: `unit` commits only while the job is still ours."""
        return await self.sync.run(business_id, unit, order)

    async def write_note(self, business_id: UUID, unit: Unit, bill_id: str, note: str, *, intent: str) -> NoteState:
        """Stamp `note` into the bill's private note, exactly once per `intent`. Raises `Busy` to be called again."""
        return await notes.write(self.sync, business_id, unit, notes.Intent(intent, bill_id, note))

    def authorize_url(self, state: str) -> str:
        return self.sync.intuit.auth.authorize_url(state)

    async def exchange(self, code: str, realm_id: str) -> Granted:
        """Raises `Refused` when Intuit does not take the code, or it is not good for that company."""
        try:
            pair = await self.sync.intuit.auth.exchange(code)
        except VendorFault as fault:
            raise Refused(
                "QuickBooks did not confirm the connection. Nothing was connected; please try again."
            ) from fault
        client = self.sync.client(realm_id, connecting.Fresh(pair.access))
        await connecting.prove(client)
        return Granted(realm_id, pair, client.meter)

    async def keep(self, session: TenantSession, granted: Granted, *, by: str, switch: bool, now: datetime) -> bool:
        """Store the link in this transaction; True when it replaced another company. Raises `Refused`."""
        keeper = self.sync.keeper(session.business_id)
        grant = connecting.Grant(granted.realm_id, granted.pair, by, switch)
        replaced = await connecting.keep_grant(session, keeper, grant, now)
        await granted.meter.write(session, now)
        return replaced

    async def revoke(self, business_id: UUID) -> None:
        """Tell Intuit that we let go. Without stored tokens there is nothing to tell."""
        async with self.sync.db.tenant_session(business_id) as session:
            linked = await find_connection(session)
        if linked is None or linked.ended_at is not None:
            return
        held = await self.sync.keeper(business_id).load()
        await self.sync.intuit.auth.revoke(held.refresh)

    def is_signed(self, raw: bytes, signature: str | None) -> bool:
        """Whether a webhook's raw bytes were signed with one of the verifier tokens."""
        return webhooks.is_signed(raw, signature, self.verifier_tokens)

    def read_events(self, raw: bytes) -> Sequence[Event]:
        """Raises `Unreadable`."""
        return webhooks.read_events(raw)


async def end_link(session: TenantSession, now: datetime) -> None:
    """Forget the tokens in this transaction; the mirror stays readable."""
    await end_connection(session, now)


@asynccontextmanager
async def open_books(runtime: Runtime) -> AsyncIterator[Books]:
    """One connection pool to Intuit for the process. Raises `Misconfigured` without the app's credentials."""
    settings = runtime.settings
    app = _app(settings)
    hosts = {urlsplit(url).netloc for url in (settings.qbo_api, app.token_url, app.revoke_url)}
    observe = runtime.metrics.vendor("intuit")
    async with new_client(allowed_hosts=hosts, read=READ_S, connections=IN_FLIGHT, observe=observe) as http:
        auth = IntuitAuth(app, http, runtime.clock)
        pace = Pace(Limiter(runtime.redis, FALLBACK_SHARE))
        intuit = Intuit(http, settings.qbo_api, auth, pace)
        service = SmartSyncService(runtime.db, runtime.keyring, runtime.clock, intuit)
        yield Books(service, settings.verifier_tokens)


def _app(settings: Settings) -> IntuitApp:
    if not settings.qbo_client_id or settings.qbo_client_secret is None:
        raise Misconfigured("QBO_CLIENT_ID and QBO_CLIENT_SECRET must be set: without them no books can be connected")
    return IntuitApp(
        client_id=settings.qbo_client_id,
        client_secret=Secret(settings.qbo_client_secret.get_secret_value()),
        redirect_uri=f"{settings.public_url.rstrip('/')}/qbo/callback",
        authorize_url=settings.qbo_authorize_url,
        token_url=settings.qbo_token_url,
        revoke_url=settings.qbo_revoke_url,
    )
