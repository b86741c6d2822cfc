"""What every Web API call goes through: parsing, faults, token, rate limit, scopes, the ledger."""

import base64
import binascii
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.slack.api.call import METHODS, Args, Call, Method, SlackError
from sandbox.slack.connection import cut_connection
from sandbox.slack.faults import Fault, FaultKind, wait
from sandbox.slack.ledger import Entry
from sandbox.slack.model import Token
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]

_SECRETS = ("token", "client_secret", "code", "refresh_token")


@dataclass(frozen=True, slots=True)
class Query:
    request: Request
    name: str
    args: Args
    token_value: str


class WebApi:
    """An ASGI endpoint, because some faults end a connection instead of answering."""

    def __init__(self, sandbox: SlackSandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name = request.path_params["method"]
        args = await _read_args(request)
        token_value = _bearer(request) or args.text("token")
        team_id = _team_of(self.sandbox, token_value)
        entry = self.sandbox.ledger.open("api", name, team_id=team_id, args=_without_secrets(args.values))
        fault = self.sandbox.faults.take(name, team_id, args.text("channel"))
        started = time.perf_counter()
        if fault is not None and fault.kind in (FaultKind.REFUSE, FaultKind.TIMEOUT):
            if fault.kind is FaultKind.TIMEOUT:
                await wait(fault)
            _close(self.sandbox, entry, 0, fault.kind.value, started)
            await cut_connection(scope)
            return
        response = await self._answer_or_fail(fault, Query(request, name, args, token_value), entry)
        _close(self.sandbox, entry, response.status_code, entry.error, started)
        if fault is not None and fault.kind is FaultKind.DROP:
            await cut_connection(scope)
            return
        await response(scope, receive, send)

    async def _answer_or_fail(self, fault: Fault | None, query: Query, entry: Entry) -> Response:
        if fault is not None and fault.kind is FaultKind.LATENCY:
            await wait(fault)
        elif fault is not None and fault.kind is not FaultKind.DROP:
            entry.error = f"fault:{fault.kind}"
            return faulty_response(fault)
        try:
            return await self._answer(query)
        except SlackError as error:
            entry.error = error.error
            return _error_response(error)

    async def _answer(self, query: Query) -> Response:
        method = _get_method(query.name)
        token = _check_token(self.sandbox, method, query.token_value)
        self._check_rate(method, token, query.args)
        _check_scopes(method, token)
        call = Call(self.sandbox, query.args, token, _basic(query.request))
        body: JsonObject = {"ok": True, **await method.handler(call)}
        return JSONResponse(body, headers=_scope_headers(method, token))

    def _check_rate(self, method: Method, token: Token | None, args: Args) -> None:
        team_id = token.team_id if token else ""
        retry_after = self.sandbox.limits.check(team_id, method.name, method.tier, args.text("channel"))
        if retry_after:
            raise SlackError("ratelimited", retry_after=retry_after)


def faulty_response(fault: Fault) -> Response:
    if fault.kind is FaultKind.RATELIMITED:
        return _error_response(SlackError("ratelimited", retry_after=fault.retry_after))
    if fault.kind is FaultKind.ERROR:
        return JSONResponse({"ok": False, "error": fault.error})
    if fault.kind is FaultKind.HTML:
        return HTMLResponse("<!doctype html><title>Slack</title><h1>We'll be right back</h1>", fault.status)
    return PlainTextResponse("upstream error", fault.status)


def _error_response(error: SlackError) -> Response:
    if error.error == "ratelimited":
        headers = {"Retry-After": str(error.extra["retry_after"])}
        return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers)
    return JSONResponse({"ok": False, "error": error.error, **error.extra})


async def _read_args(request: Request) -> Args:
    values: JsonObject = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        values |= _json_object(body)
    elif body:
        values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Args(values)


def _json_object(body: bytes) -> JsonObject:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _bearer(request: Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _basic(request: Request) -> tuple[str, str]:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _team_of(sandbox: SlackSandbox, token_value: str) -> str:
    token = sandbox.world.tokens.get(token_value)
    return token.team_id if token else ""


def _get_method(name: str) -> Method:
    found = METHODS.get(name)
    if found is None:
        raise SlackError("unknown_method", req_method=name)
    return found


def _check_token(sandbox: SlackSandbox, method: Method, value: str) -> Token | None:
    if method.auth == "none":
        return None
    if not value:
        raise SlackError("not_authed")
    if method.auth == "app":
        if value != sandbox.settings.app_token:
            raise SlackError("invalid_auth" if not value.startswith("xoxb") else "not_allowed_token_type")
        return None
    token = sandbox.world.tokens.get(value)
    if token is None or token.kind != "bot":
        raise SlackError("invalid_auth")
    if token.state != "live":
        raise SlackError(token.state)
    if token.expires_at and token.expires_at < sandbox.world.clock.now():
        raise SlackError("token_expired")
    return token


def _check_scopes(method: Method, token: Token | None) -> None:
    if token is None or not method.scopes or set(method.scopes) & set(token.scopes):
        return
    raise SlackError("missing_scope", needed=",".join(method.scopes), provided=",".join(token.scopes))


def _scope_headers(method: Method, token: Token | None) -> dict[str, str]:
    if token is None:
        return {}
    return {"x-oauth-scopes": ",".join(token.scopes), "x-accepted-oauth-scopes": ",".join(method.scopes)}


def _without_secrets(values: JsonObject) -> JsonObject:
    return {key: value for key, value in values.items() if key not in _SECRETS}


def _close(sandbox: SlackSandbox, entry: Entry, status: int, error: str, started: float) -> None:
    entry.ok, entry.status, entry.error = not error, status, error
    entry.latency_ms = round((time.perf_counter() - started) * 1000, 1)
    sandbox.ledger.close(entry)
