"""What Slack tells about people and installations, carried out: who they are now, and who is gone."""

import random
from datetime import timedelta

import structlog

from bot.messenger.answers import SlackPerson
from bot.messenger.errors import ChannelClosed
from bot.tools import Tools
from domains import people
from domains.businesses import BusinessStatus, get_workspace, list_businesses
from domains.wiping import wipe
from kit.outbox import enqueue
from orchestrators.installs import MeetEverybody, MeetPerson, Uninstalled, WipeBusiness, uninstall
from orchestrators.outgoing import RefreshHomes, ReviewAlerts
from workers.actor import Work, handles
from workers.ticks import every

log = structlog.get_logger(__name__)


@handles(MeetPerson)
async def meet_person(job: MeetPerson, work: Work) -> None:
    seen = await work.tools.messenger.person(work.business_id, job.slack_user)
    await remember(work, seen)


@handles(MeetEverybody)
async def meet_everybody(_job: MeetEverybody, work: Work) -> None:
    async with work.unit() as session:
        known = {person.slack_user for person in await people.list_people(session)}
        org_wide = not (await get_workspace(session)).team_id
    if org_wide:  # users.list wants one team of the many
        for slack_user in sorted(known):
            await _meet_again(work, slack_user)
        return
    async for seen in work.tools.messenger.people(work.business_id):
        if seen.slack_user in known:
            await remember(work, seen)


async def _meet_again(work: Work, slack_user: str) -> None:
    """Whom Slack does not know any more can click nothing, and keeps nobody else from being met."""
    try:
        seen = await work.tools.messenger.person(work.business_id, slack_user)
    except ChannelClosed as fault:
        log.info("person.not_found", slack_user=slack_user, error_code=fault.detail.code)
    else:
        await remember(work, seen)


@every(3600)
async def order_meetings(tools: Tools) -> None:
    """The day is part of the key: however often this is asked, each business meets its people once a day."""
    async with tools.db.system_session() as session:
        installed = [one.id for one in await list_businesses(session) if one.status is BusinessStatus.ACTIVE]
    key = f"people:{tools.clock.now().date()}"
    for business in installed:
        async with tools.db.tenant_session(business) as session:
            await enqueue(session, MeetEverybody(), key=key, delay=timedelta(seconds=random.uniform(60, 3600)))


async def remember(work: Work, seen: SlackPerson) -> None:
    """Keep what Slack says; whom it refuses loses their roles, and what their Home shows, by the same transaction."""
    async with work.unit() as session:
        known = await people.find_person(session, seen.slack_user)
        if known is not None and known.refused_as != seen.refused_as:
            await enqueue(session, RefreshHomes(), key=f"homes:{work.claim.id}:{seen.slack_user}")
            await enqueue(session, ReviewAlerts(), key=f"review:{work.claim.id}:{seen.slack_user}")
        await people.remember_person(
            session,
            seen.slack_user,
            name=seen.name,
            zone=seen.zone,
            refused_as=seen.refused_as,
            seen_at=work.tools.clock.now(),
        )


@handles(Uninstalled)
async def end_installation(job: Uninstalled, work: Work) -> None:
    tools = work.tools
    ended = await uninstall(tools.db, tools.clock, tools.books, work.business_id, at=job.at)
    tools.messenger.forget(work.business_id)
    log.info("workspace.uninstalled" if ended else "workspace.uninstall_outdated")


@handles(WipeBusiness)
async def wipe_business(_job: WipeBusiness, work: Work) -> None:
    """The row of this very job goes with the rest, so there is nothing left to finish."""
    deleted = await wipe(work.tools.db, work.business_id)
    log.info("business.wiped" if deleted else "business.kept", tables=len(deleted))
