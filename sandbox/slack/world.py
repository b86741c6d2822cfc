"""Everything the stand-in remembers, and the ids it hands out."""

import base64
import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.slack.clock import Clock
from sandbox.slack.model import (
    Channel,
    File,
    Grant,
    Hook,
    Installation,
    JsonObject,
    Message,
    Person,
    Team,
    Token,
    Trigger,
    View,
)

_TABLES: dict[str, type[Any]] = {
    "teams": Team,
    "people": Person,
    "channels": Channel,
    "messages": Message,
    "views": View,
    "files": File,
    "installations": Installation,
    "tokens": Token,
    "hooks": Hook,
}
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class World:
    clock: Clock = field(default_factory=Clock)
    counters: dict[str, int] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)  # by "channel/ts"
    by_channel: dict[str, dict[str, Message]] = field(default_factory=dict)
    replies: dict[str, dict[str, Message]] = field(default_factory=dict)  # "channel/ts of the root" -> ts -> reply
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)  # "team/user" -> open modals, root first
    homes: dict[str, str] = field(default_factory=dict)  # "team/user" -> view id
    files: dict[str, File] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)

    def next_number(self, kind: str) -> int:
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def next_id(self, prefix: str) -> str:
        """The n-th id of a kind is always the same one, and reads like Slack's."""
        return f"{prefix}0{_base36(self.next_number(prefix) * 46_656 + 1_679_616):0>7}"

    def next_secret(self, kind: str, length: int = 24) -> str:
        seed = f"{kind}:{self.next_number('secret')}"
        return hashlib.sha256(seed.encode()).hexdigest()[:length]

    def add_message(self, message: Message) -> Message:
        key = f"{message.channel_id}/{message.ts}"
        self.messages[key] = message
        self.by_channel.setdefault(message.channel_id, {})[message.ts] = message
        if message.thread_ts:
            self.replies.setdefault(f"{message.channel_id}/{message.thread_ts}", {})[message.ts] = message
        return message

    def remove_message(self, message: Message) -> None:
        self.messages.pop(f"{message.channel_id}/{message.ts}", None)
        self.by_channel.get(message.channel_id, {}).pop(message.ts, None)
        self.replies.get(f"{message.channel_id}/{message.thread_ts}", {}).pop(message.ts, None)

    def find_message(self, channel_id: str, ts: str) -> Message | None:
        return self.by_channel.get(channel_id, {}).get(ts)

    def dump(self) -> JsonObject:
        rows = {name: [_encode(asdict(row)) for row in getattr(self, name).values()] for name in _TABLES}
        return {"counters": self.counters, "homes": self.homes, **rows}


def load_world(data: JsonObject) -> World:
    world = World(counters=dict(data["counters"]), homes=dict(data["homes"]))
    for name, kind in _TABLES.items():
        for row in data[name]:
            _put(world, name, kind(**_decode(row)))
    for message in world.messages.values():
        world.clock.start_after(message.ts)
    return world


def _put(world: World, name: str, row: Any) -> None:
    if isinstance(row, Message):
        world.add_message(row)
        return
    keys = {"installations": "team_id", "tokens": "value", "hooks": "key"}
    getattr(world, name)[getattr(row, keys.get(name, "id"))] = row


def _encode(row: JsonObject) -> JsonObject:
    if isinstance(row.get("content"), bytes):
        row["content"] = base64.b64encode(row["content"]).decode()
    return row


def _decode(row: JsonObject) -> JsonObject:
    if isinstance(row.get("content"), str):
        return {**row, "content": base64.b64decode(row["content"])}
    return row


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
    return digits
