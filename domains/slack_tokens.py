"""The bot token of a business: sealed at rest, opened for a call, rotated by exactly one process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from domains.businesses import WorkspaceRow
from kit.crypto import Keyring
from kit.db import TenantSession
from kit.errors import Busy, FaultDetail, VendorFault
from kit.runtime import Runtime

# Slack's rotated tokens live twelve hours; two before the end leaves room for a bad evening.
REFRESH_BEFORE = timedelta(hours=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rotated:
    token: str
    refresh_token: str
    expires_in: int


Refresh = Callable[[str], Awaitable[Rotated]]


def seal_token(keyring: Keyring, business: UUID, column: str, token: str) -> str:
    return keyring.seal(token, bound_to=_bound(business, column))


def _bound(business: UUID, column: str) -> tuple[str, ...]:
    return ("workspaces", column, str(business), str(business))


async def get_token(runtime: Runtime, business: UUID, *, refresh: Refresh) -> str:
    """Raises `VendorFault` (code `app_not_installed`) when the workspace has no live installation."""
    async with runtime.db.tenant_session(business) as session:
        row = await _row(session)
        token, left = _open(runtime.keyring, row), _time_left(row, runtime)
    if left is None or left >= REFRESH_BEFORE:
        return token
    try:
        return await _rotate(runtime, business, refresh, wait=left <= timedelta(0))
    except (Busy, VendorFault) as fault:
        if left <= timedelta(0):
            raise
        log.warning("token.not_rotated", reason=str(fault))  # the one at hand is good for a while yet
        return token


async def _rotate(runtime: Runtime, business: UUID, refresh: Refresh, *, wait: bool) -> str:
    """One refresh per expiry.

    The row stays locked over the short call, because a refresh token works only once and two processes that both send
    it would cut the connection. Raises `Busy` when somebody else has it and we need not wait.
    """
    async with runtime.db.tenant_session(business) as session:
        row = await _row(session, lock=True, wait=wait)
        left = _time_left(row, runtime)
        if left is None or left >= REFRESH_BEFORE or row.refresh_token is None:
            return _open(runtime.keyring, row)
        old = runtime.keyring.open(row.refresh_token, bound_to=_bound(business, "refresh_token")).reveal()
        new = await refresh(old)
        row.bot_token = seal_token(runtime.keyring, business, "bot_token", new.token)
        row.refresh_token = seal_token(runtime.keyring, business, "refresh_token", new.refresh_token)
        row.expires_at = runtime.clock.now() + timedelta(seconds=new.expires_in)
        return new.token


def _time_left(row: WorkspaceRow, runtime: Runtime) -> timedelta | None:
    """None for a token that never ends."""
    return None if row.expires_at is None else row.expires_at - runtime.clock.now()


def _open(keyring: Keyring, row: WorkspaceRow) -> str:
    if row.bot_token is None:
        raise VendorFault("the workspace has no token", FaultDetail("slack", "app_not_installed"))
    return keyring.open(row.bot_token, bound_to=_bound(row.business_id, "bot_token")).reveal()


async def _row(session: TenantSession, *, lock: bool = False, wait: bool = True) -> WorkspaceRow:
    statement = select(WorkspaceRow).where(WorkspaceRow.dead.is_(False))
    row = (
        await session.execute(statement.with_for_update(nowait=not wait) if lock else statement)
    ).scalar_one_or_none()
    if row is None:
        raise VendorFault("the app is not installed in this workspace", FaultDetail("slack", "app_not_installed"))
    return row
