"""The one thing Runway may write into the books, when asked to: a note on an approved bill, exactly once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from kit.models import Base, OwnedById


class NoteState(StrEnum):
    INTENDED = "intended"
    WRITTEN = "written"
    ABANDONED = "abandoned"


class NoteRow(OwnedById, Base):
    """An intent, stored before anything is sent. The id is derived from `intent_key`, and `requestid` from the id."""

    __tablename__ = "bill_notes"
    __table_args__ = (
        Index("uq_bill_notes_intent", "business_id", "intent_key", unique=True),
        Index("ix_bill_notes_bill", "business_id", "bill_id"),
    )

    intent_key: Mapped[str] = mapped_column(String(200))
    bill_id: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    attempt: Mapped[int] = mapped_column(server_default="0")  # a new requestid after a definite refusal
    written_token: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]
