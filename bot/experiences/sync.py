"""Bringing the mirror up to date, and seeing how it is."""

from bot.experiences.stage import see
from bot.replies import Answer, Turn
from bot.views.ids import Click
from bot.views.sync import draw_sync_ordered
from bot.views.sync_status import draw_sync_status
from kit.errors import Refused
from orchestrators.sync import SyncOrchestrator


async def show(turn: Turn) -> Answer:
    word = turn.words[0].lower() if turn.words else ""
    if word == "status":
        return await status(turn)
    if word not in {"", "full"}:
        raise Refused("Type `/runway sync`, `/runway sync full` to read everything anew, or `/runway sync status`.")
    return await _start(turn, full=word == "full")


async def start(turn: Turn) -> Answer:
    return await _start(turn, full=False)


async def _start(turn: Turn, *, full: bool) -> Answer:
    async with turn.unit() as session:
        fresh = await SyncOrchestrator(session, turn.clock).start(turn.caller, full=full)
    return draw_sync_ordered(fresh=fresh, full=full)


async def status(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await SyncOrchestrator(session, turn.clock).get_status(turn.caller)
        return draw_sync_status(result, await see(turn, session))


COMMANDS = {"sync": show}
ACTIONS = {Click.SYNC: start, Click.SYNC_STATUS: status}
