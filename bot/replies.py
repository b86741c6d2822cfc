"""One request of one person, and the few shapes an answer can take. The edge delivers; a listener only decides."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from bot.actions import Ref
from bot.tools import Tools
from bot.views.blocks import Message, Modal
from domains.people import Caller
from kit.clock import Clock
from kit.db import TenantSession


class Origin(StrEnum):
    COMMAND = "command"
    EPHEMERAL = "ephemeral"
    MESSAGE = "message"
    HOME = "home"
    MODAL = "modal"


REPLY_LIVES = timedelta(minutes=30)  # Slack's word for a response_url; five answers at most


def reply_seal(business: UUID, slack_user: str) -> tuple[str, ...]:
    """What a stored response_url is bound to: in the row of another business or person it does not open."""
    return "outbox", "response_url", str(business), slack_user


FormValue: TypeAlias = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Who asks, from where, and with what. The business is the verified workspace's, whatever the payload says."""

    tools: Tools
    business_id: UUID
    caller: Caller
    origin: Origin
    source: str
    words: tuple[str, ...] = ()
    ref: Ref | None = None
    chosen: str | None = None  # what a select, overflow or date picker was set to
    form: Mapping[str, FormValue] = field(default_factory=dict)
    metadata: str = ""
    channel: str | None = None
    message_ts: str | None = None
    view_id: str | None = None
    response_url: str | None = field(default=None, repr=False)  # a way back for thirty minutes: never logged
    saving: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def clock(self) -> Clock:
        return self.tools.clock

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[TenantSession]:
        """One transaction for this business; it commits when the block ends.

        `saving` is set before what was written is committed: from there on nobody may stop it, or say that nothing
        was changed.
        """
        async with self.tools.db.tenant_session(self.business_id) as session:
            yield session
            if session.has_written:
                self.saving.set()


@dataclass(frozen=True, slots=True)
class Note:
    """Said privately beside what is there; nothing is replaced."""

    message: Message


@dataclass(frozen=True, slots=True)
class Open:
    modal: Modal


@dataclass(frozen=True, slots=True)
class Push:
    modal: Modal


@dataclass(frozen=True, slots=True)
class Update:
    modal: Modal


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """Sentences by block id; the modal stays open."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing to say here: the modal closes, durable copies are redrawn by their job."""


Answer: TypeAlias = Message | Note | Open | Push | Update | FieldErrors | Done
Listener: TypeAlias = Callable[[Turn], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class FormOpener:
    """A listener that reads and opens a form, and changes nothing.

    Slack opens a form within three seconds only: where the reading takes longer, it opens empty and is filled in.
    """

    listener: Listener

    async def __call__(self, turn: Turn) -> Answer:
        return await self.listener(turn)
