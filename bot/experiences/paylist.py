"""The pay list: what is approved, and handing it to whoever pays."""

from bot.experiences.stage import get_ref, see, waiting_reply
from bot.replies import Answer, Turn
from bot.views.blocks import Message
from bot.views.ids import Click
from bot.views.outcomes import decision_said
from bot.views.paylist import draw_paylist, hand_off_ordered_said
from domains.people import Act
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.paylist import PaylistOrchestrator


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await PaylistOrchestrator(session, turn.clock).get_paylist(turn.caller)
        return draw_paylist(result, await see(turn, session), connect=turn.caller.may(Act.MANAGE))


async def hand_off(turn: Turn) -> Answer:
    """A long list outlasts Slack's patience: a job's."""
    async with turn.unit() as session:
        paylist, version, reply = PaylistOrchestrator(session, turn.clock), get_ref(turn).key, waiting_reply(turn, "")
        number = await paylist.order_hand_off(turn.caller, version, source=turn.source, reply=reply)
    return Message(hand_off_ordered_said(number))


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
