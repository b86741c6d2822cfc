"""Private replies that promised more: only their own click's address reaches them, so they are replaced from here."""

import structlog

from bot.replies import reply_seal
from bot.views.blocks import Message, section
from bot.views.console import draw_card, draw_console, narrow_of
from bot.views.degrade import in_modal
from bot.views.escape import Mrkdwn
from bot.views.outcomes import resolve_said
from bot.views.places import DURABLE, LONE, Place
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from domains.people import Caller, list_roles
from kit.crypto import SealBroken
from kit.db import TenantSession
from kit.errors import Refused, VendorFault
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import AnswerResolve, ApproveAfterRead, WaitingReply
from orchestrators.tray import HygieneTrayDataOrchestrator
from workers.actor import Work, handles
from workers.rendering import scene_of
from workers.sending import open_dm

log = structlog.get_logger(__name__)


@handles(AnswerResolve)
async def answer_resolve(job: AnswerResolve, work: Work) -> None:
    """The same card or list as its person may see it now; after the address has expired the tray itself tells."""
    if is_over(work, job.reply):
        return
    try:
        async with work.unit() as session:
            message = await _drawn(session, work, job)
    except Refused as refusal:
        log.info("reply.withheld", refusal=type(refusal).__name__)
    else:
        await replace_reply(work, job.reply, message)


def is_over(work: Work, reply: WaitingReply) -> bool:
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
    if job.reply is None or is_over(work, job.reply):
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


async def whisper(work: Work, source: str, slack_user: str, said: Mrkdwn) -> None:
    """Where the click was made, if that was in a channel; else in the person's own conversation with us."""
    channel, _, ts = source.partition(":")
    place = channel if ts and channel.startswith(("C", "G", "D")) else await open_dm(work, slack_user)
    if place is not None:
        await work.tools.messenger.whisper(work.business_id, place, slack_user, Message(said, (section(said),)))
