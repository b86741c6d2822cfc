"""The digest on request: a private preview, or the post itself."""

from typing import assert_never
from uuid import UUID

import structlog

from bot.experiences.stage import get_ref, see
from bot.messenger import Place
from bot.replies import Answer, Note, Turn
from bot.views.digest import draw_digest
from bot.views.digest_orders import draw_doubtful, draw_ordered, draw_standing
from bot.views.ids import Click
from bot.views.scene import Scene
from domains.freshness import get_freshness
from domains.people import Act, require
from kit.errors import Busy, Refused, VendorFault
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_orders import DigestRuns, DoubtfulDigest, Ordered, RunTicket, StandingDigest
from orchestrators.results.digest import DigestResult

log = structlog.get_logger(__name__)


async def show(turn: Turn) -> Answer:
    word = turn.words[0].lower() if turn.words else "preview"
    if word == "now":
        return await post(turn)
    if word != "preview":
        raise Refused("Type `/runway digest preview` to see it, or `/runway digest now` to post it.")
    return await preview(turn)


async def preview(turn: Turn) -> Answer:
    async with turn.unit() as session:
        await require(session, turn.caller, Act.SEE, "see the digest’s preview")
        config = DigestConfig.weekly().previewed()
        result = await DigestDataOrchestrator(session, turn.clock).get_digest_data(config)
        return draw_digest(result, await see(turn, session), may_post=_may_post(turn, result))


def _may_post(turn: Turn, result: DigestResult) -> bool:
    """Before anything was read there is nothing to post."""
    return turn.caller.may(Act.MANAGE) and result.health.as_of is not None


async def post(turn: Turn) -> Answer:
    async with turn.unit() as session:
        await require(session, turn.caller, Act.MANAGE, "post the digest")
        if (await get_freshness(session, turn.clock)).as_of is None:
            raise Refused("There is nothing to post yet: the books have not been read. `/runway sync status`")
        found = await DigestRuns(session, turn.clock).post_now(turn.caller, source=turn.source)
        scene = await see(turn, session)
    return await _answer(turn, found, scene)


async def update(turn: Turn) -> Answer:
    run_id = UUID(get_ref(turn).key)
    async with turn.unit() as session:
        found = await DigestRuns(session, turn.clock).update_posted(turn.caller, run_id, source=turn.source)
        scene = await see(turn, session)
    return await _answer(turn, found, scene)


async def post_again(turn: Turn) -> Answer:
    run_id = UUID(get_ref(turn).key)
    async with turn.unit() as session:
        ticket = await DigestRuns(session, turn.clock).post_again(turn.caller, run_id, source=turn.source)
        return Note(draw_ordered(ticket))


async def _answer(turn: Turn, found: Ordered, scene: Scene) -> Answer:
    match found:
        case RunTicket():
            return Note(draw_ordered(found))
        case DoubtfulDigest():
            return Note(draw_doubtful(found))
        case StandingDigest():
            return Note(draw_standing(found, scene, await _find_link(turn, found)))
        case _:
            assert_never(found)


async def _find_link(turn: Turn, found: StandingDigest) -> str | None:
    """Where the digest stands; without Slack's answer the sentence still says it."""
    if found.place is None or found.place.channel is None or found.place.ts is None:
        return None
    try:
        return await turn.tools.messenger.permalink(turn.business_id, Place(found.place.channel, found.place.ts))
    except (Busy, VendorFault) as fault:
        log.info("digest.not_linked", fault=type(fault).__name__)
        return None


COMMANDS = {"digest": show}
ACTIONS = {
    Click.DIGEST: preview,
    Click.DIGEST_NOW: post,
    Click.DIGEST_AGAIN: post_again,
    Click.DIGEST_UPDATE: update,
}
