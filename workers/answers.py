"""Private replies that promised more: only their own click's address reaches them, so they are replaced from here."""

import structlog

from bot.replies import reply_seal
from bot.views.blocks import Message
from bot.views.console import draw_card, draw_console, narrow_of
from bot.views.degrade import in_modal
from bot.views.escape import Mrkdwn
from bot.views.outcomes import plan_said, resolve_said
from bot.views.places import DURABLE, LONE, Place
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from domains.people import Act, Caller, list_roles
from kit.crypto import SealBroken
from kit.db import TenantSession
from kit.errors import Refused, VendorFault
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import AcceptPlan, AnswerResolve, ApproveAfterRead, WaitingReply
from orchestrators.results.console import DecisionOutcome, PlanOutcome, PlanRefusal
from orchestrators.tray import HygieneTrayDataOrchestrator
from workers.actor import Work, handles
from workers.rendering import scene_of

AT_ONCE = 5

log = structlog.get_logger(__name__)


@handles(AnswerResolve)
async def answer_resolve(job: AnswerResolve, work: Work) -> None:
    """The same card or list as its person may see it now; after the address has expired the tray itself tells."""
    if _is_over(work, job.reply):
        return
    try:
        async with work.unit() as session:
            message = await _drawn(session, work, job)
    except Refused as refusal:
        log.info("reply.withheld", refusal=type(refusal).__name__)
    else:
        await replace_reply(work, job.reply, message)


def _is_over(work: Work, reply: WaitingReply) -> bool:
    return work.tools.clock.now() >= reply.until


async def _drawn(session: TenantSession, work: Work, job: AnswerResolve) -> Message:
    person = job.reply.slack_user
    caller, scene = Caller(person, await list_roles(session, person)), await scene_of(session, work)
    tray, place = HygieneTrayDataOrchestrator(session, work.tools.clock), Place.read(job.reply.place)
    item = await tray.get_item(caller, job.key)
    said = resolve_said(item, job.failure, scene)
    if place.kind == LONE:
        return draw_tray_item(item, scene, said, place=LONE)
    same = await tray.get_same_page(caller, item, page=place.page, keys=place.keys)
    return draw_tray(same, scene, said=said)


async def draw_decision(work: Work, job: ApproveAfterRead, said: Mrkdwn) -> Message | None:
    """The same card or list with `said` on top. None when nobody can be shown it any more."""
    if job.reply is None or _is_over(work, job.reply):
        return None
    try:
        async with work.unit() as session:
            return await _decision(session, work, job.reply, f"B-{job.bill_id}", said)
    except Refused as refusal:
        log.info("reply.withheld", refusal=type(refusal).__name__)
        return None


async def _decision(session: TenantSession, work: Work, reply: WaitingReply, key: str, said: Mrkdwn) -> Message:
    caller = Caller(reply.slack_user, await list_roles(session, reply.slack_user))
    console, place = DecisionConsoleDataOrchestrator(session, work.tools.clock), Place.read(reply.place)
    scene, card = await scene_of(session, work), await console.get_card(caller, key)
    if place.kind in {LONE, DURABLE}:
        return draw_card(card, scene, said, place=LONE)
    same = await console.get_same_page(caller, card, narrow=narrow_of(place), page=place.page, keys=place.keys)
    return draw_console(same, scene, said=said)


@handles(AcceptPlan)
async def accept_plan(job: AcceptPlan, work: Work) -> None:
    """A few bills at a time, so that others who decide meanwhile wait for no more than those."""
    done: list[DecisionOutcome | PlanRefusal] = []
    for start in range(0, len(job.bills), AT_ONCE):
        async with work.unit() as session:
            console = DecisionConsoleDataOrchestrator(session, work.tools.clock)
            caller = Caller(job.slack_user, await list_roles(session, job.slack_user))
            done += (await console.accept_bills(caller, job.bills[start : start + AT_ONCE], source=job.source)).lines
    if job.reply is None or _is_over(work, job.reply):
        return
    async with work.unit() as session:
        console = DecisionConsoleDataOrchestrator(session, work.tools.clock)
        caller = Caller(job.slack_user, await list_roles(session, job.slack_user))
        said, scene = plan_said(PlanOutcome(tuple(done))), await scene_of(session, work)
        message = (
            draw_console(await console.get_decision_data(caller), scene, said=said) if caller.may(Act.SEE) else None
        )
    if message is not None:
        await replace_reply(work, job.reply, message)


async def replace_reply(work: Work, reply: WaitingReply, message: Message) -> bool:
    """Whether it can be read now: the address may be used up, and the modal closed."""
    if reply.sealed_url is not None and await _respond(work, reply.sealed_url, reply.slack_user, message):
        return True
    return reply.view_id is not None and await _update(work, reply.view_id, message)


async def _respond(work: Work, sealed: str, slack_user: str, message: Message) -> bool:
    try:
        url = work.tools.keyring.open(sealed, bound_to=reply_seal(work.business_id, slack_user))
    except SealBroken:
        log.warning("reply.unreadable")  # its key was retired meanwhile
        return False
    return await work.tools.messenger.respond(url.reveal(), message, replace=True)


async def _update(work: Work, view_id: str, message: Message) -> bool:
    try:
        await work.tools.messenger.update_view(work.business_id, view_id, in_modal(message))
    except VendorFault as fault:
        log.info("reply.gone", error_code=fault.detail.code)
        return False
    return True
