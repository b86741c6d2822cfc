"""One-time states of the Slack install: kept as a hash, taken by deletion so that a race has one winner."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import LargeBinary, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import SystemSession
from kit.models import Base

LIFETIME = timedelta(minutes=10)


class InstallStateRow(Base):
    """Belongs to no business: there is none before the install ends."""

    __tablename__ = "install_states"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]


async def issue_state(session: SystemSession) -> str:
    """A fresh state for one browser; it travels in the redirect and, to be matched, in a cookie."""
    state = secrets.token_urlsafe(32)
    expired = delete(InstallStateRow).where(InstallStateRow.expires_at < func.now())
    await session.execute(expired)
    row = {"state_hash": sha256(state.encode()).digest(), "expires_at": func.now() + LIFETIME}
    await session.execute(insert(InstallStateRow).values(row))
    return state


async def consume_state(session: SystemSession, state: str) -> bool:
    """True exactly once per live state."""
    statement = (
        delete(InstallStateRow)
        .where(InstallStateRow.state_hash == sha256(state.encode()).digest(), InstallStateRow.expires_at > func.now())
        .returning(InstallStateRow.state_hash)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None
