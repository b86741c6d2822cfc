"""How a person wants to be told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.experiences.stage import fielded, find_day, get_number, get_text, see
from bot.replies import Answer, FormOpener, Note, Open, Turn
from bot.views.blocks import Message
from bot.views.escape import mrkdwn
from bot.views.ids import Click, Form
from bot.views.quiet import manners_form, manners_said
from kit.clock import local_today
from orchestrators.notices import NoticeService, Wish


async def quiet(turn: Turn) -> Answer:
    tomorrow = local_today(turn.clock, ZoneInfo(turn.caller.zone)) + timedelta(days=1)
    async with turn.unit() as session:
        until = await NoticeService(session, turn.clock).snooze(turn.caller, tomorrow, source=turn.source)
        scene = await see(turn, session)
        return Note(Message(mrkdwn("I write nothing unasked until {}. The queue stays as it is.", scene.day(until))))


async def ask_hours(turn: Turn) -> Answer:
    async with turn.unit() as session:
        now = await NoticeService(session, turn.clock).get_manners(turn.caller)
    return Open(manners_form(now))


async def set_hours(turn: Turn) -> Answer:
    wish = Wish(
        quiet_from=int(get_text(turn, "quiet_from")),
        quiet_to=int(get_text(turn, "quiet_to")),
        daily_cap=int(get_number(turn, "daily_cap")),
        snoozed_until=find_day(turn, "snoozed_until"),
    )
    async with turn.unit() as session:
        service = NoticeService(session, turn.clock)
        before = await service.get_manners(turn.caller)
        after = await service.set_manners(turn.caller, wish, source=turn.source)
        return manners_said(before, after, await see(turn, session))


ACTIONS = {Click.QUIET: quiet, Click.QUIET_HOURS: FormOpener(ask_hours)}
FORMS = {Form.QUIET_HOURS: fielded(set_hours)}
