"""How a person wants to be told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.experiences.stage import see
from bot.replies import Answer, Note, Turn
from bot.views.blocks import Message
from bot.views.escape import mrkdwn
from bot.views.ids import Click
from kit.clock import local_today
from orchestrators.notices import NoticeService


async def quiet(turn: Turn) -> Answer:
    tomorrow = local_today(turn.clock, ZoneInfo(turn.caller.zone)) + timedelta(days=1)
    async with turn.unit() as session:
        until = await NoticeService(session, turn.clock).snooze(turn.caller, tomorrow, source=turn.source)
        scene = await see(turn, session)
        return Note(Message(mrkdwn("I write nothing unasked until {}. The queue stays as it is.", scene.day(until))))


ACTIONS = {Click.QUIET: quiet}
