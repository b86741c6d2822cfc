"""What Slack tells about people and installations, carried out: who they are now, and who is gone."""

import structlog

from bot.messenger.answers import SlackPerson
from domains import people
from domains.wiping import wipe
from orchestrators.installs import MeetPerson, Uninstalled, WipeBusiness, uninstall
from workers.actor import Work, handles

log = structlog.get_logger(__name__)


@handles(MeetPerson)
async def meet_person(job: MeetPerson, work: Work) -> None:
    seen = await work.tools.messenger.person(work.business_id, job.slack_user)
    await remember(work, seen)


async def remember(work: Work, seen: SlackPerson) -> None:
    """Keep what Slack says; a person it refuses loses their roles in the same transaction."""
    async with work.unit() as session:
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
