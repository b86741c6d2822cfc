"""The digest on request: a private preview, or the post itself."""

from uuid import UUID

from bot.experiences.stage import get_ref, see
from bot.replies import Answer, Note, Turn
from bot.views.blocks import Message
from bot.views.digest import draw_digest
from bot.views.escape import Mrkdwn
from bot.views.ids import Click
from domains.people import Act, require
from kit.errors import Refused
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_delivery import DigestRuns, RunTicket


async def show(turn: Turn) -> Answer:
    word = turn.words[0].lower() if turn.words else "preview"
    if word == "now":
        return await post(turn)
    if word != "preview":
        raise Refused("Type `/runway digest preview` to see it, or `/runway digest now` to post it.")
    return await preview(turn)


async def preview(turn: Turn) -> Answer:
    async with turn.unit() as session:
        await require(session, turn.caller, Act.SEE)
        config = DigestConfig.weekly().previewed()
        result = await DigestDataOrchestrator(session, turn.clock).get_digest_data(config)
        return draw_digest(result, await see(turn, session), may_post=turn.caller.may(Act.MANAGE))


async def post(turn: Turn) -> Answer:
    async with turn.unit() as session:
        ticket = await DigestRuns(session, turn.clock).post_now(turn.caller, source=turn.source)
        return Note(_ordered(ticket))


async def post_again(turn: Turn) -> Answer:
    run_id = UUID(get_ref(turn).key)
    async with turn.unit() as session:
        ticket = await DigestRuns(session, turn.clock).post_again(turn.caller, run_id, source=turn.source)
        return Note(_ordered(ticket))


def _ordered(ticket: RunTicket) -> Message:
    fresh = "The digest is being built and posted now." if ticket.fresh else "The digest is on its way already."
    return Message(Mrkdwn(f"{fresh} If it cannot be posted, the admins are told why."))


COMMANDS = {"digest": show}
ACTIONS = {Click.DIGEST: preview, Click.DIGEST_NOW: post, Click.DIGEST_AGAIN: post_again}
