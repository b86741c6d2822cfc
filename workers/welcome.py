"""The first hour in Slack: the welcome and its checklist, and a sync that can be watched."""

from uuid import UUID
from zoneinfo import available_timezones

import structlog
from sqlalchemy import select

from bot.tools import Tools
from bot.views.blocks import Message
from bot.views.onboarding import draw_welcome
from bot.views.sync import draw_sync_progress
from domains import messages
from domains.businesses import describe_business, get_workspace
from domains.companies import find_company
from domains.fiction.company import ensure_company
from domains.messages import Posted
from domains.people import find_person
from domains.sync_history import SyncRunRow
from kit.db import TenantSession
from kit.outbox import enqueue
from orchestrators.digest_config import EXPERIMENT, variant_of
from orchestrators.effects import WELCOME
from orchestrators.installs import Welcome, make_owner
from orchestrators.onboarding import OnboardingService
from orchestrators.outgoing import RedrawMessage, ShowFirstSteps, ShowProgress
from orchestrators.sync import SyncOrchestrator
from workers.actor import Work, handles
from workers.people import remember
from workers.redraw import has_successor
from workers.rendering import renders, scene_of
from workers.sending import Draft, say
from workers.ticks import every

PROGRESS = "sync_progress"

log = structlog.get_logger(__name__)


@handles(Welcome)
async def welcome(job: Welcome, work: Work) -> None:
    """Learn who installed us; an owner of the workspace becomes owner of the business. Then say hello."""
    seen = await work.tools.messenger.person(work.business_id, job.slack_user)
    await remember(work, seen)
    async with work.unit() as session:
        if seen.is_owner:
            await make_owner(session, job.slack_user, clock=work.tools.clock)
        if await find_company(session) is None and seen.zone in available_timezones():
            await describe_business(session, zone=seen.zone)  # until the books say where the business is
        installed = (await get_workspace(session)).installed_at
        await OnboardingService(session, work.tools.clock).note_steps()
    key = f"{WELCOME}:{job.slack_user}:{installed.isoformat()}"
    await say(work, Draft(WELCOME, key, job.slack_user, [WELCOME]))


@every(3600)
async def keep_fiction(tools: Tools) -> None:
    """Whoever looks before they connect finds the made-up company there."""
    if await ensure_company(tools.db):
        log.info("fiction.written")


@handles(ShowFirstSteps)
async def show_first_steps(_job: ShowFirstSteps, work: Work) -> None:
    async with work.unit() as session:
        new = await OnboardingService(session, work.tools.clock).note_steps()
        if not new:
            return
        log.info(
            "experiment.outcome_seen", experiment=EXPERIMENT, variant=variant_of(work.business_id), steps=sorted(new)
        )
        for copy in await messages.list_of_kind(session, WELCOME):
            await enqueue(session, RedrawMessage(message_id=str(copy.id)), key=f"redraw:{copy.id}:{work.claim.id}")


@renders(WELCOME)
async def render_welcome(session: TenantSession, work: Work, _copy: Posted) -> Message | None:
    result = await OnboardingService(session, work.tools.clock).get_onboarding()
    return draw_welcome(result, await scene_of(session, work))


@handles(ShowProgress)
async def show_progress(job: ShowProgress, work: Work) -> None:
    """Only a run that a person started or waits for is shown, in that person's DM."""
    run_id = UUID(job.run_id)
    async with work.unit() as session:
        if await has_successor(session, work):
            return
        person = await _watcher(session, run_id)
    if person is not None:
        key = f"{PROGRESS}:{job.run_id}"
        await say(work, Draft(PROGRESS, key, person, [key], {"run_id": job.run_id}))


async def _watcher(session: TenantSession, run_id: UUID) -> str | None:
    actor = (await session.execute(select(SyncRunRow.actor).where(SyncRunRow.id == run_id))).scalar_one_or_none()
    person = await find_person(session, actor) if actor else None
    return person.slack_user if person and person.refused_as is None else None


@renders(PROGRESS)
async def render_progress(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    result = await SyncOrchestrator(session, work.tools.clock).get_progress(UUID(copy.params["run_id"]))
    return draw_sync_progress(result, await scene_of(session, work))
