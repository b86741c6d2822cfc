"""Vendor tiers: suggested by the books, set by people."""

from bot.experiences.stage import get_ref, page_of, see, waiting_reply
from bot.replies import Answer, Turn
from bot.views.blocks import Message
from bot.views.escape import Mrkdwn
from bot.views.ids import Click
from bot.views.vendors import NONE, confirming_said, draw_vendors
from kit.db import TenantSession
from orchestrators.vendors import VendorsOrchestrator


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        return await _shown(turn, session, page_of(turn))


async def _shown(turn: Turn, session: TenantSession, page: int, said: Mrkdwn | None = None) -> Answer:
    result = await VendorsOrchestrator(session, turn.clock).get_tiers(turn.caller, page=page)
    return draw_vendors(result, await see(turn, session), said=said)


async def set_tier(turn: Turn) -> Answer:
    """The menu's reference names the vendor and the page it stands on."""
    ref, tier = get_ref(turn), None if turn.chosen in {None, NONE} else int(turn.chosen or 0)
    async with turn.unit() as session:
        await VendorsOrchestrator(session, turn.clock).set_tier(turn.caller, ref.key, tier, source=turn.source)
        return await _shown(turn, session, int(ref.seen or 1), Mrkdwn("Saved. The ranking follows it from now on."))


async def confirm(turn: Turn) -> Answer:
    """Hundreds of vendors outlast Slack's patience: a job's."""
    async with turn.unit() as session:
        vendors, reply = VendorsOrchestrator(session, turn.clock), waiting_reply(turn, "")
        number = await vendors.order_confirming(turn.caller, source=turn.source, reply=reply)
        if not number:
            return await _shown(turn, session, 1, Mrkdwn("No suggestion waits any more."))
    return Message(confirming_said(number))


COMMANDS = {"vendors": show}
ACTIONS = {Click.VENDORS: show, Click.TIER: set_tier, Click.TIERS_CONFIRM: confirm}
