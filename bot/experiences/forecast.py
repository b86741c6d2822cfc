"""The forecast, and the rows behind every figure."""

from bot.experiences.stage import get_ref, page_of, see
from bot.replies import Answer, Note, Turn
from bot.views.blocks import Message
from bot.views.forecast import draw_forecast, draw_why
from bot.views.ids import Click
from kit.errors import Refused
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.results.forecast import Figure
from orchestrators.sync_schedule import look


async def show(turn: Turn) -> Answer:
    async with turn.unit() as session:
        result = await ForecastOrchestrator(session, turn.clock).get_forecast(turn.caller)
        await look(session, turn.clock)
        return draw_forecast(result, await see(turn, session))


async def why(turn: Turn) -> Answer:
    """Beside the forecast, which stays."""
    return Note(await _opened(turn, turn.chosen or ""))


async def turn_page(turn: Turn) -> Answer:
    return await _opened(turn, get_ref(turn).seen)


async def _opened(turn: Turn, figure: str) -> Message:
    if figure not in set(Figure):
        raise Refused("I don’t know that figure. `/runway forecast` lists those that can be opened.")
    async with turn.unit() as session:
        forecast = ForecastOrchestrator(session, turn.clock)
        result = await forecast.why(turn.caller, Figure(figure), page=page_of(turn))
        return draw_why(result, await see(turn, session))


COMMANDS = {"forecast": show}
ACTIONS = {Click.FORECAST: show, Click.WHY: why, Click.WHY_PAGE: turn_page}
