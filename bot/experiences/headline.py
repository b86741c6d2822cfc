"""`/runway`: are we okay."""

from bot.experiences.stage import see
from bot.replies import Answer, Turn
from bot.views.headline import draw_headline
from bot.views.ids import Click
from domains.people import Act
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.sync_schedule import look


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await HeadlineOrchestrator(session, turn.clock).get_headline(turn.caller)
        await look(session, turn.clock)
        return draw_headline(result, await see(turn, session), connect=turn.caller.may(Act.MANAGE))


COMMANDS = {"": show}
ACTIONS = {Click.HEADLINE: show}
