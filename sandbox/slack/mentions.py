"""What Slack makes of typed text before an app gets it: entities escaped, mentions turned into ids."""

import re

from sandbox.slack import channels, people
from sandbox.slack.world import World

_MENTION = re.compile(r"(?<![\w<])([@#])([\w.-]+)")
_SPECIAL = {"channel", "here", "everyone"}


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encode(world: World, team_id: str, text: str, *, labels: bool) -> str:
    """`labels`: <@U1|ann>, as in slash commands with should_escape; without: <@U1>, as in messages."""

    def replace(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "@" and name in _SPECIAL:
            return f"<!{name}>"
        found = _find(world, team_id, sign, name)
        if found is None:
            return match.group()
        return f"<{sign}{found}|{name}>" if labels or sign == "#" else f"<{sign}{found}>"

    return _MENTION.sub(replace, escape(text))


def _find(world: World, team_id: str, sign: str, name: str) -> str | None:
    if sign == "#":
        channel = channels.find_channel(world, team_id, name)
        return channel.id if channel else None
    person = people.find_person(world, team_id, name)
    return person.id if person is not None and person.name == name else None
