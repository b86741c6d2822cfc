"""Every copy tells the truth: who changes a subject orders its messages drawn again from the state of now.

The subject's job only finds the copies; each copy has a job of its own that reads the state when it runs, and runs of
one copy never overlap: what arrives last in Slack was read last.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from bot.messenger.errors import AppRemoved, ChannelClosed, Unanswered
from bot.views.blocks import Home
from bot.views.errors import shut_home, shut_out
from bot.views.home import draw_home
from domains import messages
from domains.messages import Posted, Standing
from domains.people import Act, Caller, find_person, list_people_who_may
from kit.db import TenantSession
from kit.errors import Busy
from kit.outbox import OutboxRow, enqueue, list_unstarted
from orchestrators.home import HomeOrchestrator
from orchestrators.installs import ShowHome
from orchestrators.jobs import Redraw
from orchestrators.outgoing import RedrawMessage, RefreshHomes
from orchestrators.sync_schedule import look
from workers.actor import Work, handles
from workers.people import remember
from workers.rendering import draw, scene_of
from workers.sending import PAUSE_S, edit

HOME = "home"

log = structlog.get_logger(__name__)


@handles(Redraw)
async def find_copies(job: Redraw, work: Work) -> None:
    """What was ordered for another change and has not begun will draw this one too."""
    async with work.unit() as session:
        copies = [copy for copy in await messages.list_about(session, job.subject) if copy.kind != HOME]
        orders: list[RedrawMessage | RefreshHomes] = [RedrawMessage(message_id=str(copy.id)) for copy in copies]
        orders.append(RefreshHomes())
        ordered = await list_unstarted(session, [order.serial for order in orders])
        for order in orders:
            if order.serial not in ordered:
                await enqueue(session, order, key=f"{order.serial}:{work.claim.id}")


@handles(RedrawMessage)
async def redraw(job: RedrawMessage, work: Work) -> None:
    async with work.unit() as session:
        if await has_successor(session, work):
            return
        copy = await messages.get_message(session, UUID(job.message_id))
        message = await draw(session, work, copy) if copy.standing is Standing.LIVE else None
    if message is not None:
        await edit(work, copy, message)


async def has_successor(session: TenantSession, work: Work) -> bool:
    """The same work was ordered again after this: that run will read a newer state, this one may be left out."""
    mine, later = aliased(OutboxRow), aliased(OutboxRow)
    again = (
        select(later.id)
        .join(mine, (mine.business_id == later.business_id) & (mine.id == work.claim.id))
        .where(
            later.kind == mine.kind,
            later.payload == mine.payload,
            later.created_at > mine.created_at,
            later.done_at.is_(None),
            later.dead_at.is_(None),
        )
    )
    return bool((await session.execute(select(exists(again)))).scalar_one())


@handles(RefreshHomes)
async def refresh_homes(_job: RefreshHomes, work: Work) -> None:
    async with work.unit() as session:
        if await has_successor(session, work):
            return
        homes = [copy for copy in await messages.list_of_kind(session, HOME) if copy.person]
        drawn = await _draw_homes(session, work, homes)
    for copy, home in drawn:
        await publish_home(work, copy, home)


@handles(ShowHome)
async def show_home(job: ShowHome, work: Work) -> None:
    """A person looks: from now on their Home is a copy like any other. Who was never met is met first."""
    async with work.unit() as session:
        known = await find_person(session, job.slack_user)
    if known is None:
        await remember(work, await work.tools.messenger.person(work.business_id, job.slack_user))
    async with work.unit() as session:
        copy = await messages.reserve(
            session, kind=HOME, key=f"{HOME}:{job.slack_user}", subjects=[HOME], person=job.slack_user
        )
        await messages.posted(session, copy.id, channel=job.slack_user, ts=HOME)
        drawn = await _draw_homes(session, work, [copy])
        await look(session, work.tools.clock)
    for one, home in drawn:
        await publish_home(work, one, home)


async def publish_home(work: Work, copy: Posted, home: Home) -> None:
    try:
        await work.tools.messenger.publish_home(work.business_id, copy.person or "", home)
    except (ChannelClosed, AppRemoved) as fault:
        log.info("home.not_published", fault=type(fault).__name__)
    except Unanswered as fault:
        raise Busy(str(fault), retry_after=PAUSE_S) from fault


async def _draw_homes(session: TenantSession, work: Work, copies: Sequence[Posted]) -> list[tuple[Posted, Home]]:
    """All from one reading. Rights are those of now: who lost them sees an empty queue, not yesterday's."""
    reading = HomeOrchestrator(session, work.tools.clock)
    drawn, scene, desk = [], await scene_of(session, work), await reading.load() if copies else None
    for copy in copies:
        person = await find_person(session, copy.person or "")
        if person is None or person.refused_as is not None:
            await messages.gone(session, copy.id)
            if person is not None and person.refused_as == "guest":  # nobody else of these can look
                able = await list_people_who_may(session, Act.MANAGE)
                drawn.append((copy, shut_home(shut_out("guest", able))))
            continue
        caller = Caller(person.slack_user, person.roles, person.zone)
        result = await HomeOrchestrator(session, work.tools.clock, desk).get_home(caller)
        drawn.append((copy, draw_home(result, scene)))
    return drawn
