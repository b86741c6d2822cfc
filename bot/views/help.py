"""What can be typed, with examples."""

from collections.abc import Collection, Sequence

from bot.commands import Command
from bot.views.blocks import Message, actions, button, context, section
from bot.views.escape import Mrkdwn, lines, mrkdwn, sentence
from bot.views.ids import Click
from bot.views.roles import standing
from domains.people import Role

INTRO = Mrkdwn("*Runway* tells you whether cash is enough, which records need fixing, and which bills to pay when.")
MONEY = Mrkdwn("It records decisions. It never moves money.")
EXAMPLES = Mrkdwn(
    "For example: `/runway tray`, `/runway console bills`, `/runway approve B-412`, `/runway audit B-412`."
    " References such as B-412 stand on every card."
)


def draw_help(commands: Sequence[Command], roles: Collection[Role]) -> Message:
    listed = [_line(command) for command in commands]
    yours = standing(roles)
    text = lines(sentence(INTRO, MONEY), *listed, EXAMPLES, yours)
    buttons = actions(button("Headline", Click.HEADLINE), button("Forecast", Click.FORECAST))
    half = (len(listed) + 1) // 2
    body = (section(lines(*listed[:half])), section(lines(*listed[half:])))
    return Message(text, (section(sentence(INTRO, MONEY)), *body, context(lines(EXAMPLES, yours)), buttons))


def _line(command: Command) -> Mrkdwn:
    typed = f"/runway {command.usage}".strip()
    return mrkdwn("`{}`  {}", Mrkdwn(typed), command.sentence)
