"""Every message we left standing in Slack, and what it speaks of: whoever changes a subject finds all its copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantSession
from kit.models import Base, Owned, OwnedById


class Standing(StrEnum):
    SENDING = "sending"  # written before the post: a crash in between leaves a row that says so
    LIVE = "live"
    GONE = "gone"  # deleted, or its channel is closed to us: nothing is redrawn there any more


class MessageRow(OwnedById, Base):
    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "uq_messages_place",
            "business_id",
            "channel",
            "ts",
            unique=True,
            postgresql_where=text("ts IS NOT NULL"),
        ),
        Index("uq_messages_key", "business_id", "key", unique=True),
    )

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    person: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(40))
    ts: Mapped[str | None] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    standing: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MessageSubjectRow(Owned, Base):
    __tablename__ = "message_subjects"

    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)


@dataclass(frozen=True, slots=True)
class Posted:
    """One message: `kind` says how it is rendered from the state of its subjects, `params` what else that needs."""

    id: UUID
    kind: str
    key: str
    person: str | None
    channel: str | None
    ts: str | None
    params: dict[str, Any]
    standing: Standing


async def reserve(
    session: TenantSession,
    *,
    kind: str,
    key: str,
    subjects: Sequence[str] = (),
    person: str | None = None,
    channel: str | None = None,
    params: dict[str, Any] | None = None,
) -> Posted:
    """The message of this key, made if it is new; `standing` tells whether it was sent before."""
    row = {"business_id": session.business_id, "id": uuid4(), "kind": kind, "key": key, "params": params or {}}
    place = {"person": person, "channel": channel, "standing": Standing.SENDING}
    await session.execute(insert(MessageRow).values(**row, **place).on_conflict_do_nothing())
    made = await find_message(session, key=key)
    if made is None:
        raise LookupError(key)
    await set_subjects(session, made.id, subjects)
    return made


async def set_subjects(session: TenantSession, message_id: UUID, subjects: Sequence[str]) -> None:
    """Add what the message speaks of; a subject once shown keeps its copy up to date."""
    rows = [
        {"business_id": session.business_id, "subject": subject, "message_id": message_id}
        for subject in dict.fromkeys(subjects)
    ]
    if rows:
        await session.execute(insert(MessageSubjectRow).on_conflict_do_nothing(), rows)


async def sending(session: TenantSession, message_id: UUID, *, channel: str | None) -> None:
    """Slack is about to be asked: with a channel but no `ts`, nobody knows whether it took it. None: surely not."""
    await _change(session, message_id, channel=channel)


async def posted(session: TenantSession, message_id: UUID, *, channel: str, ts: str) -> None:
    """Slack took it: from here on it can be redrawn."""
    await _change(session, message_id, channel=channel, ts=ts, standing=Standing.LIVE)


async def refused(session: TenantSession, message_id: UUID) -> None:
    """Slack surely did not take it, and this message is not tried again."""
    await _change(session, message_id, channel=None, standing=Standing.GONE)


async def gone(session: TenantSession, message_id: UUID) -> None:
    await _change(session, message_id, standing=Standing.GONE)


async def remember(session: TenantSession, message_id: UUID, params: dict[str, Any]) -> None:
    """Replace what the rendering needs."""
    await _change(session, message_id, params=params)


async def _change(session: TenantSession, message_id: UUID, **changes: object) -> None:
    await session.execute(update(MessageRow).where(MessageRow.id == message_id).values(**changes))


async def find_message(session: TenantSession, *, key: str) -> Posted | None:
    row = (await session.execute(select(MessageRow).where(MessageRow.key == key))).scalar_one_or_none()
    return _posted(row) if row else None


async def find_message_at(session: TenantSession, *, channel: str, ts: str) -> Posted | None:
    statement = select(MessageRow).where(MessageRow.channel == channel, MessageRow.ts == ts)
    row = (await session.execute(statement)).scalar_one_or_none()
    return _posted(row) if row else None


async def get_message(session: TenantSession, message_id: UUID) -> Posted:
    return _posted((await session.execute(select(MessageRow).where(MessageRow.id == message_id))).scalar_one())


async def list_about(session: TenantSession, subject: str) -> list[Posted]:
    """Live messages that speak of the subject, oldest first."""
    statement = (
        select(MessageRow)
        .join(MessageSubjectRow, MessageSubjectRow.message_id == MessageRow.id)
        .where(MessageSubjectRow.subject == subject, MessageRow.standing == Standing.LIVE)
        .order_by(MessageRow.created_at, MessageRow.id)
    )
    return [_posted(row) for row in (await session.execute(statement)).scalars()]


async def list_of_kind(session: TenantSession, kind: str, person: str | None = None) -> list[Posted]:
    """Live messages of a kind, newest first; to one person or to everybody."""
    statement = (
        select(MessageRow)
        .where(MessageRow.kind == kind, MessageRow.standing == Standing.LIVE)
        .order_by(MessageRow.created_at.desc())
    )
    if person is not None:
        statement = statement.where(MessageRow.person == person)
    return [_posted(row) for row in (await session.execute(statement)).scalars()]


def _posted(row: MessageRow) -> Posted:
    return Posted(row.id, row.kind, row.key, row.person, row.channel, row.ts, row.params, Standing(row.standing))
