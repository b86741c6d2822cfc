"""How a person wants to be told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.experiences.stage import fielded, get_text, see
from bot.replies import Answer, FormOpener, Note, Open, Turn
from bot.views.blocks import Message
from bot.views.escape import mrkdwn
from bot.views.ids import Click, Form
from bot.views.quiet import quiet_hours_form, quiet_hours_said
from kit.clock import local_today
from orchestrators.notices import NoticeService


async def quiet(turn: Turn) -> Answer:
    tomorrow = local_today(turn.clock, ZoneInfo(turn.caller.zone)) + timedelta(days=1)
    async with turn.unit() as session:
        until = await NoticeService(session, turn.clock).snooze(turn.caller, tomorrow, source=turn.source)
        scene = await see(turn, session)
        return Note(Message(mrkdwn("I write nothing unasked until {}. The queue stays as it is.", scene.day(until))))


async def ask_hours(turn: Turn) -> Answer:
    async with turn.unit() as session:
        now = await NoticeService(session, turn.clock).get_manners(turn.caller)
    return Open(quiet_hours_form(now.quiet_from, now.quiet_to))


async def set_hours(turn: Turn) -> Answer:
    start, end = int(get_text(turn, "quiet_from")), int(get_text(turn, "quiet_to"))
    async with turn.unit() as session:
        await NoticeService(session, turn.clock).set_quiet_hours(turn.caller, start, end, source=turn.source)
    return quiet_hours_said(start, end)


ACTIONS = {Click.QUIET: quiet, Click.QUIET_HOURS: FormOpener(ask_hours)}
FORMS = {Form.QUIET_HOURS: fielded(set_hours)}
