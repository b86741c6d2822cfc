"""When a person wants to be left alone."""

from bot.views.blocks import Message, Modal, context
from bot.views.escape import Mrkdwn, mrkdwn
from bot.views.ids import Form
from bot.views.inputs import choice, field, option
from bot.views.setting_words import hour_words

EXPLAINED = Mrkdwn(
    "Your own time zone. What comes up meanwhile waits until the quiet hours end; the queue stays as it is."
)


def quiet_hours_form(start: int, end: int) -> Modal:
    hours = [option(str(hour), hour_words(hour)) for hour in range(24)]
    return Modal(
        Form.QUIET_HOURS,
        "Quiet hours",
        (
            field("quiet_from", "Write me nothing unasked from", choice(hours, str(start))),
            field("quiet_to", "Until", choice(hours, str(end))),
            context(EXPLAINED),
        ),
        submit="Save",
    )


def quiet_hours_said(start: int, end: int) -> Message:
    if start == end:
        return Message(Mrkdwn("You have no quiet hours now: I write whenever something is yours to decide."))
    return Message(mrkdwn("I write nothing unasked from {} to {} your time.", hour_words(start), hour_words(end)))
