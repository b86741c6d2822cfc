"""A Web API call after parsing: its arguments, its token, and how a method refuses."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack.model import Installation, Token
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]


class SlackError(Exception):
    """An answer with ok:false; `extra` joins it (needed, provided, response_metadata, …)."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


class Args:
    """Arguments whatever their encoding: JSON values arrive typed, form and query values as strings."""

    def __init__(self, values: JsonObject) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name} [json-pointer:/{name}]"
            raise SlackError("invalid_arguments", response_metadata={"messages": [message]})
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value and not value.isdigit():
            raise SlackError("invalid_arguments")
        return int(value) if value else default

    def json(self, name: str) -> Any:
        """A structure, given as such or as JSON text; SlackError when the text is no JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except json.JSONDecodeError as error:
            raise SlackError(f"invalid_{name}_format" if name == "blocks" else "invalid_json") from error


@dataclass(slots=True)
class Call:
    sandbox: SlackSandbox
    args: Args
    token: Token | None
    basic: tuple[str, str] = ("", "")

    @property
    def team_id(self) -> str:
        return self.token.team_id if self.token else ""

    @property
    def installation(self) -> Installation:
        return self.sandbox.world.installations[self.team_id]

    @property
    def bot_id(self) -> str:
        return self.installation.bot_user_id


Handler = Callable[[Call], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes`: any one of them will do. `auth`: bot, app (an xapp token) or none."""

    name: str
    handler: Handler
    scopes: tuple[str, ...]
    tier: int
    auth: str


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tier: int = 4, auth: str = "bot") -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, scopes, tier, auth)
        return handler

    return register
