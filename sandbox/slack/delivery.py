"""Sends signed requests to the app and judges the answer the way Slack does."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.signing import sign
from sandbox.slack.socket_mode import NoConnection

JsonObject = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "Accept": "application/json,*/*",
    "Accept-Encoding": "gzip,deflate",
}
_SOCKET_KINDS = {"command": "slash_commands", "interaction": "interactive", "event": "events_api"}


@dataclass(slots=True)
class Forgery:
    """How a request departs from what Slack would send; the default does not."""

    unsigned: bool = False
    secret: str = ""
    age: int = 0  # seconds by which the timestamp lies in the past
    signature: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """`error` is what Slack would name it: operation_timeout, dispatch_failed, or empty."""

    number: int
    status: int = 0
    text: str = ""
    error: str = ""
    reason: str = ""  # x-slack-retry-reason
    no_retry: bool = False
    latency_ms: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.error

    def find_json(self) -> JsonObject | None:
        if not self.text.lstrip().startswith("{"):
            return None
        try:
            found = json.loads(self.text)
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(slots=True)
class Parcel:
    """One thing to be delivered: a slash command (form fields), an interaction, or an event envelope."""

    kind: str  # command | interaction | event
    name: str
    payload: JsonObject
    team_id: str
    user_id: str = ""
    attempt: int = 0
    reason: str = ""

    def encode(self) -> tuple[bytes, str]:
        if self.kind == "event":
            return json.dumps(self.payload).encode(), "application/json"
        fields = self.payload if self.kind == "command" else {"payload": json.dumps(self.payload)}
        return urlencode(fields).encode(), FORM

    @property
    def headers(self) -> dict[str, str]:
        if not self.attempt:
            return {}
        return {"x-slack-retry-num": str(self.attempt), "x-slack-retry-reason": self.reason}


async def deliver(sandbox: SlackSandbox, parcel: Parcel, forgery: Forgery | None = None) -> Outcome:
    if sandbox.settings.socket_mode and forgery is None:
        return await _deliver_by_socket(sandbox, parcel)
    body, content_type = parcel.encode()
    return await send_raw(sandbox, body, content_type, forgery or Forgery(), parcel)


async def send_raw(
    sandbox: SlackSandbox, body: bytes, content_type: str, forgery: Forgery, parcel: Parcel | None = None
) -> Outcome:
    """Posts these very bytes to the app's request URL, signed unless the forgery says otherwise."""
    parcel = parcel or Parcel("raw", "raw", {}, "")
    headers = {**HEADERS, "Content-Type": content_type, **parcel.headers, **_signature(sandbox, body, forgery)}
    headers |= forgery.headers
    entry = sandbox.ledger.open(parcel.kind, parcel.name, team_id=parcel.team_id, user_id=parcel.user_id)
    entry.attempt = parcel.attempt
    sandbox.ledger.keep_body(entry.number, body, headers)
    outcome = Outcome(entry.number)
    started = time.perf_counter()
    await _post(sandbox, body, headers, outcome)
    outcome.latency_ms = round((time.perf_counter() - started) * 1000, 1)
    entry.ok, entry.status, entry.error = outcome.ok, outcome.status, outcome.error
    entry.latency_ms, entry.detail = outcome.latency_ms, {"answer": outcome.text[:400]}
    sandbox.ledger.close(entry)
    return outcome


def _signature(sandbox: SlackSandbox, body: bytes, forgery: Forgery) -> dict[str, str]:
    if forgery.unsigned:
        return {}
    stamp = int(time.time()) - forgery.age
    secret = forgery.secret or sandbox.settings.signing_secret
    signature = forgery.signature or sign(secret, stamp, body)
    return {"X-Slack-Request-Timestamp": str(stamp), "X-Slack-Signature": signature}


async def _post(sandbox: SlackSandbox, body: bytes, headers: dict[str, str], outcome: Outcome) -> None:
    url = sandbox.settings.events_url
    try:
        async with asyncio.timeout(sandbox.config.ack_deadline):
            response = await sandbox.http.post(url, content=body, headers=headers)
    except TimeoutError:
        outcome.error, outcome.reason = "operation_timeout", "http_timeout"
    except httpx.HTTPError:
        outcome.error, outcome.reason = "dispatch_failed", "connection_failed"
    else:
        _judge(response, outcome)


def _judge(response: httpx.Response, outcome: Outcome) -> None:
    outcome.status, outcome.text = response.status_code, response.text
    outcome.no_retry = response.headers.get("x-slack-no-retry") == "1"
    if response.is_redirect:
        outcome.error, outcome.reason = "dispatch_failed", "too_many_redirects"
    elif response.status_code != 200:
        outcome.error, outcome.reason = "dispatch_failed", "http_error"


async def _deliver_by_socket(sandbox: SlackSandbox, parcel: Parcel) -> Outcome:
    entry = sandbox.ledger.open(parcel.kind, parcel.name, team_id=parcel.team_id, user_id=parcel.user_id)
    outcome, started = Outcome(entry.number, status=200), time.perf_counter()
    try:
        async with asyncio.timeout(sandbox.config.ack_deadline):
            kind = _SOCKET_KINDS[parcel.kind]
            answer = await sandbox.sockets.ask(kind, parcel.payload, parcel.attempt, parcel.reason)
            outcome.text = json.dumps(answer) if answer else ""
    except TimeoutError:
        outcome.error, outcome.reason, outcome.status = "operation_timeout", "http_timeout", 0
    except NoConnection:
        outcome.error, outcome.reason, outcome.status = "dispatch_failed", "connection_failed", 0
    outcome.latency_ms = round((time.perf_counter() - started) * 1000, 1)
    entry.ok, entry.status, entry.error, entry.latency_ms = (
        outcome.ok,
        outcome.status,
        outcome.error,
        outcome.latency_ms,
    )
    sandbox.ledger.close(entry)
    return outcome
