"""The pay list: what is approved, and handing it to whoever pays."""

from bot.experiences.stage import get_ref, see
from bot.replies import Answer, Turn
from bot.views.ids import Click
from bot.views.paylist import draw_paylist, hand_off_said
from orchestrators.paylist import PaylistOrchestrator


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await PaylistOrchestrator(session, turn.clock).get_paylist(turn.caller)
        return draw_paylist(result, await see(turn, session))


async def hand_off(turn: Turn) -> Answer:
    async with turn.unit() as session:
        paylist = PaylistOrchestrator(session, turn.clock)
        outcome = await paylist.hand_off(turn.caller, get_ref(turn).key, source=turn.source)
        fresh = await paylist.get_paylist(turn.caller)
        return draw_paylist(fresh, await see(turn, session), said=hand_off_said(outcome))


COMMANDS = {"paylist": show}
ACTIONS = {Click.PAYLIST: show, Click.HAND_OFF: hand_off}
