"""Reads a request to a `/_sandbox` endpoint: its JSON, and whom and what it refers to."""

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.slack import channels, people
from sandbox.slack.acts import CannotAct, Forged
from sandbox.slack.delivery import Forgery
from sandbox.slack.model import Channel, Installation, Person, Team, View
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]


class BadAsk(Exception):
    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Ask:
    def __init__(self, sandbox: SlackSandbox, values: JsonObject) -> None:
        self.sandbox, self.values = sandbox, values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> Any:
        if self.values.get(name) is None:
            raise BadAsk(f"`{name}` is missing")
        return self.values[name]

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, "1", "true")

    def team(self) -> Team:
        teams = self.sandbox.world.teams.values()
        wanted = self.text("team")
        found = next((one for one in teams if one.home and wanted in {"", one.id, one.domain}), None)
        if found is None:
            raise BadAsk(f"there is no workspace {wanted!r}", 404)
        return found

    def person(self, name: str = "as") -> Person:
        reference = self.text(name) or "owner"
        found = people.find_person(self.sandbox.world, self.team().id, reference)
        if found is None:
            raise BadAsk(f"nobody is called {reference!r} in {self.team().name}", 404)
        return found

    def channel(self) -> Channel:
        reference = str(self.need("channel"))
        found = channels.find_channel(self.sandbox.world, self.team().id, reference)
        if found is None and reference == "app":
            person, bot = self.person(), self.installation().bot_user_id
            found, _ = channels.open_dm(self.sandbox.world, self.team().id, bot, person.id)
        if found is None:
            raise BadAsk(f"there is no channel {reference!r}", 404)
        return found

    def view(self) -> View:
        found = self.sandbox.world.views.get(str(self.need("view")))
        if found is None or found.team_id != self.team().id:
            raise BadAsk("there is no such view", 404)
        return found

    def installation(self) -> Installation:
        found = self.sandbox.world.installations.get(self.team().id)
        if found is None:
            raise BadAsk(f"the app is not installed in {self.team().name}")
        return found

    def forged(self) -> Forged:
        given = self.values.get("forge") or {}
        request = Forgery(**given["request"]) if "request" in given else None
        return Forged(given.get("patch") or {}, request, given.get("element"))


Answer = Callable[[Ask], Awaitable[JsonObject]]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(sandbox: SlackSandbox, answer: Answer) -> Endpoint:
    @functools.wraps(answer)
    async def respond(request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, **await answer(Ask(sandbox, await _read(request)))})
        except BadAsk as error:
            return JSONResponse({"ok": False, "error": str(error)}, error.status)
        except (CannotAct, LookupError, TypeError, ValueError) as error:
            return JSONResponse({"ok": False, "error": str(error)}, 400)

    return respond


async def _read(request: Request) -> JsonObject:
    values: JsonObject = {**request.query_params, **request.path_params}
    body = await request.body()
    if body:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise BadAsk("the body must be a JSON object")
        values |= found
    return values
