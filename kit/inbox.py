"""What came in, once: a vendor's delivery becomes a row before it is answered, and a repeat finds the row there."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import SystemSession, TenantSession
from kit.models import Base, Owned

# Longer than any vendor's retries: Slack gives up within a day, Intuit within hours.
KEEP = timedelta(days=7)


class InboxRow(Owned, Base):
    __tablename__ = "inbox"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    external_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def receive(session: TenantSession, source: str, external_key: str) -> bool:
    """True for the first delivery, False for every repeat of it, however many race."""
    row = {"business_id": session.business_id, "source": source, "external_key": external_key}
    statement = insert(InboxRow).values(row).on_conflict_do_nothing().returning(InboxRow.source)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def purge(session: SystemSession) -> int:
    """Forget deliveries older than `KEEP`; returns how many."""
    statement = delete(InboxRow).where(InboxRow.received_at < func.now() - KEEP).returning(InboxRow.source)
    return len((await session.execute(statement)).all())
