"""The pair of tokens of one company: refreshed by one process at a time, committed before it is used, never raced.

Who refreshes takes a lease on the row and lets go of the transaction: no lock is held while Intuit answers. What came
back is stored by comparing the generation it was asked with, so that a late answer never replaces a newer pair.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, or_, select, update

from domains.connections import ConnectionRow, ConnectionStatus
from domains.qbo.auth import GrantRefused, IntuitAuth, TokenPair
from domains.qbo.client import Access
from kit.clock import Clock
from kit.crypto import Keyring, Secret
from kit.db import Database
from kit.errors import Busy, FaultDetail, VendorFault

# An hour is what Intuit gives. Of a shorter life a tenth is kept, or every request would refresh anew.
SOON, SHARE = timedelta(minutes=5), 10
LEASE = timedelta(seconds=30)  # longer than the token request may take
LOOK_AGAIN_S = 0.05
PATIENCE_S = 40.0

log = structlog.get_logger(__name__)


class NotConnected(VendorFault):
    """There is no usable connection: nothing was called."""

    def __init__(self, status: ConnectionStatus | None) -> None:
        super().__init__("QuickBooks is not connected.", FaultDetail("intuit", status or "never_connected"))


@dataclass(frozen=True, slots=True)
class Held:
    """The stored pair, opened."""

    realm_id: str
    access: Secret
    refresh: Secret
    previous: Secret | None
    generation: int
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """The tokens of one business. Implements the client's `Credentials`."""

    business_id: UUID
    db: Database
    keyring: Keyring
    auth: IntuitAuth
    clock: Clock
    known: list[Held] = field(default_factory=list, repr=False)
    # Of the pair that was given out last: what a refusal is about.
    used: list[int] = field(default_factory=list)

    async def get(self) -> Access:
        return self._given(await self._current())

    def _given(self, access: Access) -> Access:
        self.used[:] = [access.generation]
        return access

    async def _current(self) -> Access:
        """From memory while it has time left: a newer pair elsewhere does not end the token of this one."""
        held = self.known[-1] if self.known else None
        if held is None or not self._has_time(held):
            held = await self.load()
        if self._has_time(held):
            self.known[:] = [held]
            return Access(held.access, held.generation)
        return await self._next(held.generation)

    def _has_time(self, held: Held) -> bool:
        return self.clock.now() < held.renew_at

    async def renew(self, stale: Access) -> Access:
        """A newer token than `stale`: somebody else's, if one was stored meanwhile."""
        self.known.clear()
        return self._given(await self._next(stale.generation))

    async def load(self) -> Held:
        """Raises `NotConnected`."""
        async with self.db.tenant_session(self.business_id) as session:
            row = (await session.execute(select(ConnectionRow))).scalar_one_or_none()
        if row is None or row.status != ConnectionStatus.CONNECTED or not (row.access_token and row.refresh_token):
            raise NotConnected(ConnectionStatus(row.status) if row else None)
        assert row.access_expires_at is not None
        return Held(
            row.realm_id,
            self.open(row.access_token, "access_token"),
            self.open(row.refresh_token, "refresh_token"),
            self.open(row.previous_refresh_token, "previous_refresh_token") if row.previous_refresh_token else None,
            row.generation,
            _renew_at(row.access_expires_at, row.refreshed_at),
        )

    async def _next(self, stale: int) -> Access:
        lease = uuid4()
        for _ in range(round(PATIENCE_S / LOOK_AGAIN_S)):
            held = await self.load()
            if held.generation > stale:
                return Access(held.access, held.generation)
            if await self._take_lease(lease, stale):
                return await self._refresh(held, lease)
            await asyncio.sleep(LOOK_AGAIN_S)
        raise Busy("another process is still refreshing the connection", retry_after=5)

    async def _take_lease(self, lease: UUID, generation: int) -> bool:
        free = or_(ConnectionRow.lease_until.is_(None), ConnectionRow.lease_until < func.now())
        async with self.db.tenant_session(self.business_id) as session:
            statement = (
                update(ConnectionRow)
                .where(ConnectionRow.generation == generation, free)
                .values(lease=lease, lease_until=func.now() + LEASE)
                .returning(ConnectionRow.generation)
            )
            return (await session.execute(statement)).scalar_one_or_none() is not None

    async def _refresh(self, held: Held, lease: UUID) -> Access:
        try:
            pair = await self.auth.refresh(held.refresh)
        except GrantRefused:
            return await self._after_refusal(held, lease)
        except Busy:
            await self._let_go(lease)
            raise
        return await self._keep(pair, held)

    async def _after_refusal(self, held: Held, lease: UUID) -> Access:
        """It counts only if the stored token is still the one that was sent; then the one before gets one try."""
        current = await self.load()
        if current.generation > held.generation:
            return Access(current.access, current.generation)
        if held.previous is not None:
            try:
                return await self._keep(await self.auth.refresh(held.previous), held)
            except GrantRefused:
                log.info("qbo.previous_token_refused")
            except Busy:
                await self._let_go(lease)
                raise
        await self.give_up(held.generation, held.realm_id, "QuickBooks no longer accepts the stored authorization.")
        raise NotConnected(ConnectionStatus.NEEDS_RECONNECT)

    async def _keep(self, pair: TokenPair, held: Held) -> Access:
        """Commit before use. A pair that was overtaken is dropped for the one that did."""
        now = self.clock.now()
        values = {
            "access_token": self.seal(pair.access, "access_token"),
            "refresh_token": self.seal(pair.refresh, "refresh_token"),
            "previous_refresh_token": self.seal(held.refresh, "previous_refresh_token"),
            "access_expires_at": pair.access_expires_at,
            "refresh_expires_at": pair.refresh_expires_at,
            "hard_expires_at": func.coalesce(pair.hard_expires_at, ConnectionRow.hard_expires_at),
            "refreshed_at": now,
            "generation": held.generation + 1,
            "lease": None,
            "lease_until": None,
        }
        async with self.db.tenant_session(self.business_id) as session:
            statement = (
                update(ConnectionRow)
                .where(ConnectionRow.generation == held.generation, ConnectionRow.realm_id == held.realm_id)
                .values(**values)
                .returning(ConnectionRow.generation)
            )
            kept = (await session.execute(statement)).scalar_one_or_none()
        log.info("qbo.token_refreshed" if kept else "qbo.token_overtaken", generation=kept)
        if kept is not None:
            return Access(pair.access, kept)
        current = await self.load()
        return Access(current.access, current.generation)

    async def give_up(self, generation: int, realm_id: str, reason: str) -> bool:
        """Stop until a person connects again. True only for whoever stopped it: that one tells the admin.

        What came of a pair that was replaced, or of another company, stops nothing.
        """
        async with self.db.tenant_session(self.business_id) as session:
            statement = (
                update(ConnectionRow)
                .where(
                    ConnectionRow.generation == generation,
                    ConnectionRow.realm_id == realm_id,
                    ConnectionRow.status == ConnectionStatus.CONNECTED,
                )
                .values(status=ConnectionStatus.NEEDS_RECONNECT, reason=reason, lease=None, lease_until=None)
                .returning(ConnectionRow.generation)
            )
            stopped = (await session.execute(statement)).scalar_one_or_none() is not None
        if stopped:
            log.error("qbo.reconnect_needed", generation=generation)
        return stopped

    async def _let_go(self, lease: UUID) -> None:
        async with self.db.tenant_session(self.business_id) as session:
            statement = update(ConnectionRow).where(ConnectionRow.lease == lease).values(lease=None, lease_until=None)
            await session.execute(statement)

    def seal(self, token: Secret, column: str) -> str:
        return self.keyring.seal(token.reveal(), bound_to=self._bound(column))

    def open(self, sealed: str, column: str) -> Secret:
        return self.keyring.open(sealed, bound_to=self._bound(column))

    def _bound(self, column: str) -> tuple[str, ...]:
        return (ConnectionRow.__tablename__, column, str(self.business_id), str(self.business_id))


def _renew_at(expires: datetime, since: datetime | None) -> datetime:
    return expires - (min(SOON, (expires - since) / SHARE) if since else SOON)
