"""The pay list: what is approved, and handing it to whoever pays."""

from bot.experiences.stage import get_ref, see
from bot.replies import Answer, Turn
from bot.views.ids import Click
from bot.views.outcomes import decision_said
from bot.views.paylist import draw_paylist, hand_off_said
from domains.people import Act
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.paylist import PaylistOrchestrator


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await PaylistOrchestrator(session, turn.clock).get_paylist(turn.caller)
        return draw_paylist(result, await see(turn, session), connect=turn.caller.may(Act.MANAGE))


async def hand_off(turn: Turn) -> Answer:
    async with turn.unit() as session:
        paylist = PaylistOrchestrator(session, turn.clock)
        outcome = await paylist.hand_off(turn.caller, get_ref(turn).key, source=turn.source)
        fresh = await paylist.get_paylist(turn.caller)
        return draw_paylist(fresh, await see(turn, session), said=hand_off_said(outcome))


async def take_back(turn: Turn) -> Answer:
    """An approval undone where it stands on the list."""
    async with turn.unit() as session:
        console = DecisionConsoleDataOrchestrator(session, turn.clock)
        outcome = await console.undo(turn.caller, get_ref(turn).key, source=turn.source)
        scene = await see(turn, session)
        fresh = await PaylistOrchestrator(session, turn.clock).get_paylist(turn.caller)
        return draw_paylist(fresh, scene, said=decision_said(outcome, scene))


COMMANDS = {"paylist": show}
ACTIONS = {Click.PAYLIST: show, Click.HAND_OFF: hand_off, Click.TAKE_BACK: take_back}
