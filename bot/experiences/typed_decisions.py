"""`/runway approve|hold|reject <ref>`: the same path as the buttons, for keyboards and screen readers."""

from collections.abc import Awaitable, Callable
from typing import Final

from bot.actions import Ref
from bot.experiences.console import as_bill, find_settled
from bot.experiences.stage import see, waiting_reply
from bot.replies import Answer, FormOpener, Open, Turn
from bot.views import console_forms as forms
from bot.views.blocks import Modal
from bot.views.console import draw_card
from bot.views.outcomes import beside_card
from bot.views.places import LONE
from bot.views.scene import Scene
from domains.people import Act, require
from kit.errors import Refused
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import BillCard, OutcomeKind

_RIGHTS: Final = {"approve": Act.APPROVE, "hold": Act.PROPOSE, "reject": Act.APPROVE}
Ask = Callable[[BillCard, Scene, str], Modal]


async def approve(turn: Turn) -> Answer:
    async with turn.unit() as session:
        console = Console(session, turn.clock, await Console(session, turn.clock).load())
        card = await _named(console, turn, "approve")
        scene = await see(turn, session)
        reply = waiting_reply(turn, LONE)
        outcome = await console.approve(turn.caller, card.record.ref, None, source=turn.source, reply=reply)
        if outcome.kind is OutcomeKind.NEEDS_REASON:
            fresh = as_bill(outcome.card)
            return Open(forms.approve_anyway_form(fresh, scene, _reference(fresh)))
        return draw_card(outcome.card, scene, beside_card(outcome, scene), place=LONE)


def _asking(verb: str, ask: Ask) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            card = await _named(Console(session, turn.clock), turn, verb)
            scene = await see(turn, session)
            if already := find_settled(card):
                return draw_card(card, scene, beside_card(already, scene), place=LONE)
            return Open(ask(card, scene, _reference(card)))

    return FormOpener(listener)


async def _named(console: Console, turn: Turn, verb: str) -> BillCard:
    if not turn.words:
        raise Refused(
            f"Which bill? Type its reference, as in `/runway {verb} B-412`. `/runway console bills` has them."
        )
    await require(console.session, turn.caller, _RIGHTS[verb], f"{verb} bills")
    typed = " ".join(turn.words)
    card = await console.find_card(turn.caller, typed)
    if card is None:
        raise Refused(await _missed(console, typed, verb))
    return as_bill(card)


async def _missed(console: Console, typed: str, verb: str) -> str:
    near = [f"`/runway {verb} {ref}`" for ref in await console.list_near(typed)]
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"I find no bill “{typed[:40]}”.{meant} `/runway console bills` lists them with their references."


def _reference(card: BillCard) -> str:
    return str(Ref(LONE, card.record.ref, card.version))


COMMANDS = {
    "approve": approve,
    "hold": _asking("hold", forms.hold_form),
    "reject": _asking("reject", forms.reject_form),
}
