"""The decision console: look, decide with a click or by typing a reference, decide many at once."""

from collections.abc import Awaitable, Callable

from bot.actions import Ref
from bot.experiences.stage import (
    fielded,
    find_text,
    get_day,
    get_ref,
    get_text,
    is_durable,
    page_of,
    see,
    waiting_reply,
)
from bot.replies import Answer, Done, FormOpener, Note, Open, Turn
from bot.views import console_forms as forms
from bot.views.blocks import Message, Modal
from bot.views.console import draw_card, draw_console, narrow_of
from bot.views.ids import Click, Form
from bot.views.outcomes import beside_card, decision_said
from bot.views.places import LONE, Place
from bot.views.scene import Scene
from domains.decisions import LIVE, Phase
from domains.people import Act as Right
from kit.db import TenantSession
from kit.errors import Refused
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import BillCard, DecisionOutcome, InvoiceCard, Narrow, OutcomeKind
from orchestrators.sync_schedule import look

Act = Callable[[Console, Turn, Ref], Awaitable[DecisionOutcome]]
Ask = Callable[[BillCard, Scene, str], Modal]


async def show(turn: Turn) -> Answer:
    words = [word.lower() for word in turn.words]
    if any(word not in set(Narrow) and not word.isdecimal() for word in words):
        raise Refused("Type `/runway console`, `/runway console bills` or `/runway console invoices`.")
    typed = next((word for word in words if word in set(Narrow)), Narrow.ALL)
    narrow = Narrow(turn.ref.seen) if turn.ref and turn.ref.seen in set(Narrow) else Narrow(typed)
    async with turn.unit() as session:
        console = Console(session, turn.clock)
        result = await console.get_decision_data(turn.caller, narrow=narrow, page=page_of(turn))
        await look(session, turn.clock)
        return draw_console(result, await see(turn, session), connect=turn.caller.may(Right.MANAGE))


async def show_card(turn: Turn) -> Answer:
    async with turn.unit() as session:
        card = await Console(session, turn.clock).get_card(turn.caller, get_ref(turn).key)
        return draw_card(card, await see(turn, session), place=LONE)


async def decided(turn: Turn, session: TenantSession, console: Console, outcome: DecisionOutcome) -> Answer:
    """The same list or card again, with what the click came to on top."""
    scene, ref = await see(turn, session), get_ref(turn)
    if outcome.kind is OutcomeKind.NEEDS_REASON and isinstance(outcome.card, BillCard):
        fresh = Ref(ref.kind, ref.key, outcome.card.version)
        return Open(forms.approve_anyway_form(outcome.card, scene, str(fresh)))
    place, beside = Place.read(ref.kind), beside_card(outcome, scene)
    if is_durable(turn, place):
        return Note(Message(beside)) if beside else Done()
    if place.kind == LONE:
        return draw_card(outcome.card, scene, beside, place=LONE)
    said = decision_said(outcome, scene)
    same = await console.get_same_page(
        turn.caller, outcome.card, narrow=narrow_of(place), page=place.page, keys=place.keys
    )
    return draw_console(same, scene, said=said)


def _acting(act: Act) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            console = Console(session, turn.clock)
            return await decided(turn, session, console, await act(console, turn, get_ref(turn)))

    return listener


def _asking(ask: Ask, *, of_settled: bool = False) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        ref = get_ref(turn)
        async with turn.unit() as session:
            console = Console(session, turn.clock)
            card = as_bill(await console.get_card(turn.caller, ref.key))
            if not of_settled and (already := find_settled(card)):
                return await decided(turn, session, console, already)
            return Open(ask(card, await see(turn, session), str(ref)))

    return FormOpener(listener)


def find_settled(card: BillCard) -> DecisionOutcome | None:
    """Somebody was first: a form would be filled in for nothing."""
    settled = card.state.phase in LIVE - {Phase.PROPOSED}
    return DecisionOutcome(OutcomeKind.ALREADY, card) if settled else None


def as_bill(card: BillCard | InvoiceCard) -> BillCard:
    if isinstance(card, InvoiceCard):
        raise Refused("That is an invoice; this is for bills. An invoice can be chased: `/runway console invoices`.")
    return card


async def _approve(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    reply = waiting_reply(turn, ref.kind)
    return await console.approve(turn.caller, ref.key, ref.seen, source=turn.source, reply=reply)


async def _approve_anyway(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    reason = get_text(turn, forms.REASON)
    reply = waiting_reply(turn, ref.kind)
    return await console.approve(turn.caller, ref.key, ref.seen, reason=reason, source=turn.source, reply=reply)


async def _propose(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    return await console.propose(turn.caller, ref.key, ref.seen, source=turn.source)


async def _undo(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    return await console.undo(turn.caller, ref.key, source=turn.source)


async def _chase(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    return await console.chase(turn.caller, ref.key, ref.seen, source=turn.source)


async def _hold(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    until, reason = get_day(turn, forms.UNTIL), find_text(turn, forms.REASON)
    return await console.hold(turn.caller, ref.key, ref.seen, until=until, reason=reason, source=turn.source)


async def _reject(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    reason = get_text(turn, forms.REASON)
    return await console.reject(turn.caller, ref.key, ref.seen, reason=reason, source=turn.source)


async def _cancel(console: Console, turn: Turn, ref: Ref) -> DecisionOutcome:
    reason = find_text(turn, forms.REASON)
    return await console.cancel(turn.caller, ref.key, reason=reason, source=turn.source)


COMMANDS = {"console": show}
ACTIONS = {
    Click.CONSOLE: show,
    Click.CARD: show_card,
    Click.APPROVE: _acting(_approve),
    Click.PROPOSE: _acting(_propose),
    Click.UNDO: _acting(_undo),
    Click.CHASE: _acting(_chase),
    Click.APPROVE_ANYWAY: _asking(forms.approve_anyway_form),
    Click.HOLD: _asking(forms.hold_form),
    Click.REJECT: _asking(forms.reject_form),
    Click.CANCEL: _asking(forms.cancel_form, of_settled=True),
}
FORMS = {
    Form.APPROVE_ANYWAY: fielded(_acting(_approve_anyway)),
    Form.HOLD: fielded(_acting(_hold)),
    Form.REJECT: fielded(_acting(_reject)),
    Form.CANCEL: fielded(_acting(_cancel)),
}
