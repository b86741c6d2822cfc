"""The single-use steps of connecting QuickBooks: a ticket from Slack to the browser, a state to Intuit and back.

Each is 256 random bits that we know by their hash alone, lives ten minutes, and is taken by deletion: of any number of
racing requests one gets it.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert

from domains.connections import ConnectTicketRow
from kit.db import SystemSession, TenantSession

LIFETIME = timedelta(minutes=10)


class Step(StrEnum):
    TICKET = "ticket"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the bearer may go on with: for which business, as whom, from which browser."""

    business_id: UUID
    slack_user: str
    switch: bool
    cookie: bytes | None

    def fits(self, cookie: str) -> bool:
        return self.cookie is not None and hmac.compare_digest(self.cookie, _digest(cookie))


async def issue(session: TenantSession, step: Step, *, slack_user: str, switch: bool, cookie: str | None = None) -> str:
    token = secrets.token_urlsafe(32)
    row = {
        "business_id": session.business_id,
        "digest": _digest(token),
        "step": step,
        "slack_user": slack_user,
        "switch": switch,
        "cookie": _digest(cookie) if cookie else None,
        "expires_at": func.now() + LIFETIME,
    }
    await session.execute(delete(ConnectTicketRow).where(ConnectTicketRow.expires_at < func.now()))
    await session.execute(insert(ConnectTicketRow).values(**row))
    return token


async def take(session: SystemSession, token: str, step: Step) -> Ticket | None:
    """The ticket, once; None for a used, late, foreign or invented one."""
    statement = (
        delete(ConnectTicketRow)
        .where(
            ConnectTicketRow.digest == _digest(token),
            ConnectTicketRow.step == step,
            ConnectTicketRow.expires_at > func.now(),
        )
        .returning(
            ConnectTicketRow.business_id, ConnectTicketRow.slack_user, ConnectTicketRow.switch, ConnectTicketRow.cookie
        )
    )
    row = (await session.execute(statement)).one_or_none()
    return Ticket(*row) if row else None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
