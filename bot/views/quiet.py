"""When a person wants to be left alone, and how much they want to read."""

from bot.views.blocks import Message, Modal, context
from bot.views.escape import Mrkdwn, mrkdwn, sentence
from bot.views.ids import Form
from bot.views.inputs import choice, date_field, field, number_field, option
from bot.views.phrases import counted
from bot.views.scene import Scene
from bot.views.setting_changes import NOTHING
from bot.views.setting_words import hour_words
from orchestrators.notices import MOST_A_DAY, Manners

EXPLAINED = Mrkdwn(
    "Your own time zone. What comes up meanwhile waits until then, or joins the one message of the day; the queue stays"
    " as it is."
)


def manners_form(now: Manners) -> Modal:
    hours = [option(str(hour), hour_words(hour)) for hour in range(24)]
    cap = number_field(initial=str(now.daily_cap), least="1", most=str(MOST_A_DAY))
    blocks = (
        field("quiet_from", "Write me nothing unasked from", choice(hours, str(now.quiet_from))),
        field("quiet_to", "Until", choice(hours, str(now.quiet_to))),
        field("daily_cap", "At most so many messages a day", cap),
        field("snoozed_until", "Nothing unasked before", date_field(now.snoozed_until), optional=True),
        context(EXPLAINED),
    )
    return Modal(Form.QUIET_HOURS, "Quiet hours", blocks, submit="Save")


def manners_said(before: Manners, after: Manners, scene: Scene) -> Message:
    """Exactly what changed, as it is now."""
    hours = (after.quiet_from, after.quiet_to)
    told = (
        _hours(*hours) if hours != (before.quiet_from, before.quiet_to) else None,
        _cap(before.daily_cap, after.daily_cap) if after.daily_cap != before.daily_cap else None,
        _snooze(after, scene) if after.snoozed_until != before.snoozed_until else None,
    )
    return Message(sentence(Mrkdwn("Saved."), *told) if any(told) else NOTHING)


def _hours(start: int, end: int) -> Mrkdwn:
    if start == end:
        return Mrkdwn("You have no quiet hours now: I write whenever something is yours to decide.")
    return mrkdwn("I write nothing unasked from {} to {} your time.", hour_words(start), hour_words(end))


def _cap(before: int, after: int) -> Mrkdwn:
    return mrkdwn("I write at most {} a day, {} before.", counted(after, "message"), str(before))


def _snooze(after: Manners, scene: Scene) -> Mrkdwn:
    if after.snoozed_until is None:
        return Mrkdwn("I write again from now on.")
    return mrkdwn("I write nothing unasked until {}.", scene.day(after.snoozed_until))
