"""Pay lists that were given to whoever pays: the file as it was handed over, word for word."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantSession
from kit.models import Base, OwnedById


class HandoffRow(OwnedById, Base):
    __tablename__ = "handoffs"

    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    filename: Mapped[str] = mapped_column(String(100))
    csv: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Handoff:
    id: UUID
    by: str
    at: datetime
    filename: str
    csv: str


async def save_handoff(session: TenantSession, handoff: Handoff) -> None:
    session.add(HandoffRow(id=handoff.id, by=handoff.by, at=handoff.at, filename=handoff.filename, csv=handoff.csv))
    await session.flush()


async def find_handoff(session: TenantSession, handoff_id: UUID) -> Handoff | None:
    row = (await session.execute(select(HandoffRow).where(HandoffRow.id == handoff_id))).scalar_one_or_none()
    return Handoff(row.id, row.by, row.at, row.filename, row.csv) if row else None
