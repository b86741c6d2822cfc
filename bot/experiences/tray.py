"""The hygiene tray: look, and say who mends what."""

from collections.abc import Awaitable, Callable

from bot.actions import Ref
from bot.experiences.stage import acquaint, fielded, get_day, get_ref, get_text, is_durable, page_of, see, waiting_reply
from bot.replies import Answer, Done, FormOpener, Note, Open, Turn
from bot.views import tray_forms as forms
from bot.views.blocks import Message, Modal
from bot.views.ids import Click, Form
from bot.views.outcomes import tray_said
from bot.views.places import LONE, Place
from bot.views.scene import Scene
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from domains.people import Act as Right
from kit.db import TenantSession
from kit.errors import Refused
from orchestrators.results.tray import TrayItem, TrayOutcome, TrayOutcomeKind
from orchestrators.sync_schedule import look
from orchestrators.tray import HygieneTrayDataOrchestrator

Act = Callable[[HygieneTrayDataOrchestrator, Turn, Ref], Awaitable[TrayOutcome]]
Ask = Callable[[TrayItem, Scene, str], Modal]


async def show(turn: Turn) -> Answer:
    if turn.words and not turn.words[0].isdecimal():
        return await find(turn)
    async with turn.unit() as session:
        tray = HygieneTrayDataOrchestrator(session, turn.clock)
        result = await tray.get_hygiene_data(turn.caller, page=page_of(turn))
        await look(session, turn.clock)
        return draw_tray(result, await see(turn, session), connect=turn.caller.may(Right.MANAGE))


async def show_one(turn: Turn) -> Answer:
    async with turn.unit() as session:
        item = await HygieneTrayDataOrchestrator(session, turn.clock).get_item(turn.caller, get_ref(turn).key)
        return draw_tray_item(item, await see(turn, session), place=LONE)


async def find(turn: Turn) -> Answer:
    """`/runway tray B-145`, with a code behind it where the record has several issues."""
    async with turn.unit() as session:
        item = await HygieneTrayDataOrchestrator(session, turn.clock).find_item(turn.caller, " ".join(turn.words))
        if item is None:
            raise Refused("I find no record of that name in the tray. `/runway tray` lists what is there.")
        return draw_tray_item(item, await see(turn, session), place=LONE)


def _acting(act: Act) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            tray = HygieneTrayDataOrchestrator(session, turn.clock)
            return await _told(turn, session, tray, await act(tray, turn, get_ref(turn)))

    return listener


async def _told(turn: Turn, session: TenantSession, tray: HygieneTrayDataOrchestrator, outcome: TrayOutcome) -> Answer:
    """The same list or card again, with what the click came to on top."""
    scene, place = await see(turn, session), Place.read(get_ref(turn).kind)
    said = tray_said(outcome, scene)
    if is_durable(turn, place):
        return Done() if outcome.kind is TrayOutcomeKind.DONE else Note(Message(said))
    if place.kind == LONE:
        return draw_tray_item(outcome.item, scene, said, place=LONE)
    same = await tray.get_same_page(turn.caller, outcome.item, page=place.page, keys=place.keys)
    return draw_tray(same, scene, said=said)


def _asking(ask: Ask) -> Callable[[Turn], Awaitable[Answer]]:
    async def listener(turn: Turn) -> Answer:
        ref = get_ref(turn)
        async with turn.unit() as session:
            item = await HygieneTrayDataOrchestrator(session, turn.clock).get_item(turn.caller, ref.key)
            return Open(ask(item, await see(turn, session), str(ref)))

    return FormOpener(listener)


async def _resolve(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    return await tray.resolve(turn.caller, ref.key, ref.seen, source=turn.source, reply=waiting_reply(turn, ref.kind))


async def _reopen(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    return await tray.reopen(turn.caller, ref.key, ref.seen, source=turn.source)


async def _undo(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    return await tray.undo(turn.caller, ref.key, source=turn.source)


async def _snooze(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    until = get_day(turn, forms.UNTIL)
    return await tray.snooze(turn.caller, ref.key, ref.seen, until=until, source=turn.source)


async def _dismiss(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    reason = get_text(turn, forms.REASON)
    return await tray.dismiss(turn.caller, ref.key, ref.seen, reason=reason, source=turn.source)


async def _assign(tray: HygieneTrayDataOrchestrator, turn: Turn, ref: Ref) -> TrayOutcome:
    return await tray.assign(turn.caller, ref.key, ref.seen, to=get_text(turn, forms.TO), source=turn.source)


async def assign(turn: Turn) -> Answer:
    await acquaint(turn, get_text(turn, forms.TO))
    return await _acting(_assign)(turn)


COMMANDS = {"tray": show}
ACTIONS = {
    Click.TRAY: show,
    Click.ITEM: show_one,
    Click.RESOLVE: _acting(_resolve),
    Click.REOPEN: _acting(_reopen),
    Click.UNDO_ITEM: _acting(_undo),
    Click.SNOOZE: _asking(forms.snooze_form),
    Click.DISMISS: _asking(forms.dismiss_form),
    Click.ASSIGN: _asking(forms.assign_form),
}
FORMS = {
    Form.SNOOZE: fielded(_acting(_snooze)),
    Form.DISMISS: fielded(_acting(_dismiss)),
    Form.ASSIGN: fielded(assign),
}
