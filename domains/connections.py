"""The link between a business and one company in QuickBooks: its tokens, its health, and how it is made and ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import SystemSession, TenantSession
from kit.models import Base, Owned


class ConnectionStatus(StrEnum):
    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


class ConnectionRow(Owned, Base):
    """Token columns are sealed. `generation` grows with every new pair: it says which pair somebody held."""

    __tablename__ = "qbo_connections"
    __table_args__ = (
        Index("uq_qbo_connections_realm", "realm_id", unique=True, postgresql_where=text("status <> 'disconnected'")),
    )

    realm_id: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(200))
    access_token: Mapped[str | None] = mapped_column(String(8000))
    refresh_token: Mapped[str | None] = mapped_column(String(2000))
    previous_refresh_token: Mapped[str | None] = mapped_column(String(2000))
    generation: Mapped[int] = mapped_column(server_default="1")
    access_expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    hard_expires_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    connected_by: Mapped[str] = mapped_column(String(40))
    connected_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ConnectTicketRow(Owned, Base):
    """A single-use step of connecting, known to us by its hash alone. Consumed by DELETE … RETURNING."""

    __tablename__ = "connect_tickets"
    __table_args__ = (Index("ix_connect_tickets_digest", "digest"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    step: Mapped[str] = mapped_column(String(10))  # ticket, state
    slack_user: Mapped[str] = mapped_column(String(40))
    switch: Mapped[bool]
    cookie: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Connection:
    """What people may know about the link; never a token. `hard_expires_at` is when consent itself ends."""

    realm_id: str
    status: ConnectionStatus
    reason: str | None
    connected_by: str
    connected_at: datetime
    ended_at: datetime | None
    refreshed_at: datetime | None
    refresh_expires_at: datetime | None
    hard_expires_at: datetime | None
    generation: int

    @property
    def live(self) -> bool:
        return self.status is ConnectionStatus.CONNECTED


async def find_connection(session: TenantSession) -> Connection | None:
    """The business's link, also one that ended; None when there never was one."""
    row = (await session.execute(select(ConnectionRow))).scalar_one_or_none()
    return _connection(row) if row else None


async def find_business_of_realm(session: SystemSession, realm_id: str) -> UUID | None:
    statement = select(ConnectionRow.business_id).where(
        ConnectionRow.realm_id == realm_id, ConnectionRow.status != ConnectionStatus.DISCONNECTED
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def list_connected(session: SystemSession) -> list[UUID]:
    """Businesses whose books can be read now."""
    statement = select(ConnectionRow.business_id).where(ConnectionRow.status == ConnectionStatus.CONNECTED)
    return list((await session.execute(statement.order_by(ConnectionRow.business_id))).scalars())


async def end_connection(session: TenantSession, now: datetime) -> bool:
    """Forget the tokens; False when it was over before. The mirror stays readable, and older by the day."""
    gone = {"access_token": None, "refresh_token": None, "previous_refresh_token": None}
    ended = {"status": ConnectionStatus.DISCONNECTED, "ended_at": now, "lease": None, "lease_until": None, **gone}
    statement = (
        update(ConnectionRow)
        .where(ConnectionRow.status != ConnectionStatus.DISCONNECTED)
        .values(**ended, generation=ConnectionRow.generation + 1)
        .returning(ConnectionRow.realm_id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


def _connection(row: ConnectionRow) -> Connection:
    return Connection(
        row.realm_id,
        ConnectionStatus(row.status),
        row.reason,
        row.connected_by,
        row.connected_at,
        row.ended_at,
        row.refreshed_at,
        row.refresh_expires_at,
        row.hard_expires_at,
        row.generation,
    )
