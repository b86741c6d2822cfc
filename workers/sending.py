"""First posts and later edits. A message whose fate Slack left open is never posted a second time by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.messenger import Place
from bot.messenger.errors import AppRemoved, ChannelClosed, MessageLost, Unanswered
from bot.views.blocks import Message
from domains import messages
from domains.messages import Posted, Standing
from domains.people import find_person, remember_dm
from kit.clock import local_today
from kit.db import TenantSession
from kit.errors import Busy
from kit.outbox import enqueue
from orchestrators.notices import count_post, get_manners
from orchestrators.outgoing import RedrawMessage
from workers.actor import Work
from workers.rendering import draw

PAUSE_S = 5.0
ASKED_BY = "asked_by"  # the job whose post it was: the same one never asks twice
MOST_LOST = 10

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to one person that may stand there already; `key` makes it one. `counted`: the daily cap applies."""

    kind: str
    key: str
    person: str
    subjects: Sequence[str] = ()
    params: dict[str, Any] = field(default_factory=dict)
    counted: bool = False


async def say(work: Work, draft: Draft) -> bool:
    """Post to the person's DM, or have what stands there drawn again.

    False when the person's day is full or Slack does not let us in: it can be told later, in another message.
    """
    async with work.unit() as session:
        if draft.counted and not await _has_room(session, work, draft):
            return False
        row = await _reserve(session, work, draft)
        if row is not None and row.standing is Standing.LIVE:
            await order_redraw(session, work, row)
    if row is None:
        log.warning("message.not_repeated", message_kind=draft.kind)
    elif row.standing is Standing.SENDING:
        return await _post(work, row)
    return True


async def _has_room(session: TenantSession, work: Work, draft: Draft) -> bool:
    person = await find_person(session, draft.person)
    if person is None:
        return True
    day, manners = local_today(work.tools.clock, ZoneInfo(person.zone)), await get_manners(session, person)
    return await count_post(session, draft.person, day, draft.key, cap=manners.daily_cap)


async def _reserve(session: TenantSession, work: Work, draft: Draft) -> Posted | None:
    """The message of this key, or the one after it when that was lost; None when this very job may have posted it."""
    for number in range(MOST_LOST):
        key = f"{draft.key}+{number}" if number else draft.key
        row = await messages.reserve(
            session, kind=draft.kind, key=key, subjects=draft.subjects, person=draft.person, params=draft.params
        )
        if not _is_lost(row):
            await messages.remember(session, row.id, draft.params)
            return row
        if row.params.get(ASKED_BY) == str(work.claim.id):
            return None
    return None


def _is_lost(row: Posted) -> bool:
    """Gone, or asked for without ever hearing whether Slack took it."""
    return row.standing is Standing.GONE or (row.standing is Standing.SENDING and row.channel is not None)


async def order_redraw(session: TenantSession, work: Work, row: Posted) -> None:
    await enqueue(session, RedrawMessage(message_id=str(row.id)), key=f"redraw:{row.id}:{work.claim.id}")


async def _post(work: Work, row: Posted) -> bool:
    """The channel is written before the post: a row with a channel but no `ts` is one whose fate is unknown."""
    channel = await open_dm(work, row.person or "")
    if channel is None:
        return True
    async with work.unit() as session:
        message = await draw(session, work, await messages.get_message(session, row.id))
        if message is None:
            return True
        await messages.sending(session, row.id, channel=channel)
        await messages.remember(session, row.id, row.params | {ASKED_BY: str(work.claim.id)})
    try:
        place = await _try(work, row, channel, message)
    except AppRemoved:
        async with work.unit() as session:
            await messages.refused(session, row.id)
        log.warning("message.refused", message_kind=row.kind)
        return False
    if place is not None:
        async with work.unit() as session:
            await messages.posted(session, row.id, channel=place.channel, ts=place.ts)
            await order_redraw(session, work, row)  # what changed while it was under way found no copy to redraw
        log.info("message.posted", message_kind=row.kind)
    return True


async def _try(work: Work, row: Posted, channel: str, message: Message) -> Place | None:
    try:
        return await work.tools.messenger.post(work.business_id, channel, message)
    except Busy:
        async with work.unit() as session:  # surely not taken: the next attempt may post
            await messages.sending(session, row.id, channel=None)
        raise
    except (ChannelClosed, Unanswered) as fault:
        async with work.unit() as session:
            await messages.gone(session, row.id)
        log.warning("message.lost", message_kind=row.kind, fault=type(fault).__name__)
        return None


async def open_dm(work: Work, person: str) -> str | None:
    """The DM's channel, asked of Slack once; None when this person cannot be written to."""
    async with work.unit() as session:
        known = await find_person(session, person)
    if known is not None and (known.dm_channel or known.refused_as):
        return None if known.refused_as else known.dm_channel
    try:
        channel = await work.tools.messenger.dm_channel(work.business_id, person)
    except (ChannelClosed, AppRemoved) as fault:
        log.warning("dm.closed", fault=type(fault).__name__)
        return None
    async with work.unit() as session:
        await remember_dm(session, person, channel)
    return channel


async def edit(work: Work, known: Posted, message: Message) -> None:
    """Bring a copy to the state of now. An unanswered edit is made again: it says the same or something newer."""
    if known.channel is None or known.ts is None:
        return
    try:
        await work.tools.messenger.update(work.business_id, Place(known.channel, known.ts), message)
    except (MessageLost, ChannelClosed) as fault:
        async with work.unit() as session:
            await messages.gone(session, known.id)
        log.info("message.gone", message_kind=known.kind, fault=type(fault).__name__)
    except AppRemoved:
        log.info("message.not_edited", message_kind=known.kind)
    except Unanswered as fault:
        raise Busy(str(fault), retry_after=PAUSE_S) from fault
