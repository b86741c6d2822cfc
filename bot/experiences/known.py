"""Money that people know of before the books do."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from bot.experiences.stage import fielded, find_day, find_text, get_day, get_number, get_ref, get_text, see
from bot.replies import Answer, FormOpener, Open, Turn
from bot.views import known as view
from bot.views.escape import Mrkdwn
from bot.views.ids import Click, Form
from domains.known_items import Repeat
from kit.errors import Refused
from orchestrators.known import KnownItemsOrchestrator
from orchestrators.refusals import BadField

Change = Callable[[KnownItemsOrchestrator, Turn], Awaitable[Mrkdwn]]


async def show(turn: Turn) -> Answer:
    word = turn.words[0].lower() if turn.words else "list"
    if word == "add":
        return await ask(turn)
    if word != "list":
        raise Refused("Type `/runway known list` to see it, or `/runway known add`.")
    async with turn.unit() as session:
        result = await KnownItemsOrchestrator(session, turn.clock).get_known_items(turn.caller)
        return view.draw_known(result, await see(turn, session))


async def ask(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await KnownItemsOrchestrator(session, turn.clock).get_known_items(turn.caller)
        return Open(view.known_form(await see(turn, session), result.currency))


async def ask_aside(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await KnownItemsOrchestrator(session, turn.clock).get_known_items(turn.caller)
        return Open(view.set_aside_form(result.currency))


def _changing(change: Change) -> Callable[[Turn], Awaitable[Answer]]:
    """The list again, with what was changed on top."""

    async def listener(turn: Turn) -> Answer:
        async with turn.unit() as session:
            known = KnownItemsOrchestrator(session, turn.clock)
            said = await change(known, turn)
            result = await known.get_known_items(turn.caller)
            return view.draw_known(result, await see(turn, session), said=said)

    return listener


async def _add(known: KnownItemsOrchestrator, turn: Turn) -> Mrkdwn:
    repeat = find_text(turn, view.REPEAT)
    await known.add_known_item(
        turn.caller,
        get_text(turn, view.LABEL),
        get_day(turn, view.ON),
        _signed(turn),
        repeat=Repeat(repeat) if repeat in set(Repeat) else None,
        until=find_day(turn, view.UNTIL),
        source=turn.source,
    )
    return Mrkdwn("Added. The forecast counts on it from now on.")


def _signed(turn: Turn) -> Decimal:
    amount = _amount(turn)
    return amount if find_text(turn, view.DIRECTION) == view.COMES else -amount


def _amount(turn: Turn) -> Decimal:
    number = get_number(turn, view.AMOUNT)
    if number <= 0:
        raise BadField(view.AMOUNT, "Please write an amount above zero.")
    return number


async def _remove(known: KnownItemsOrchestrator, turn: Turn) -> Mrkdwn:
    await known.remove_known_item(turn.caller, get_ref(turn).key, source=turn.source)
    return Mrkdwn("Removed. The forecast no longer counts on it.")


async def _set_aside(known: KnownItemsOrchestrator, turn: Turn) -> Mrkdwn:
    await known.set_aside(turn.caller, get_text(turn, view.LABEL), _amount(turn), source=turn.source)
    return Mrkdwn("Set aside. It is no longer available cash.")


async def _release(known: KnownItemsOrchestrator, turn: Turn) -> Mrkdwn:
    await known.release(turn.caller, get_ref(turn).key, source=turn.source)
    return Mrkdwn("Released. It is available cash again.")


COMMANDS = {"known": show}
ACTIONS = {
    Click.KNOWN: show,
    Click.KNOWN_ADD: FormOpener(ask),
    Click.SET_ASIDE: FormOpener(ask_aside),
    Click.KNOWN_REMOVE: _changing(_remove),
    Click.RELEASE: _changing(_release),
}
FORMS = {Form.KNOWN_ADD: fielded(_changing(_add)), Form.SET_ASIDE: fielded(_changing(_set_aside))}
