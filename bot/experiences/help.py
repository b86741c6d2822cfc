"""`/runway help`."""

from bot.commands import COMMANDS as KNOWN
from bot.replies import Answer, Turn
from bot.views.help import draw_help
from bot.views.ids import Click


async def show(turn: Turn) -> Answer:
    return draw_help(KNOWN, turn.caller.roles)


COMMANDS = {"help": show}
ACTIONS = {Click.HELP: show}
