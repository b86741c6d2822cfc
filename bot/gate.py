"""What stands before every signed request: size, shape and signature over the raw bytes, before anything is parsed.

Vendors' libraries parse first and verify later; garbage then becomes a 500, and the body a log line. Here it becomes a
401, 400 or 413 that says nothing back.
"""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

LARGEST = 1024 * 1024
WINDOW_S = 300
TIMESTAMP = re.compile(r"[0-9]{10}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Turned(Exception):
    """Turned away with this status; the reason stays with us."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def response(self) -> Response:
        words = {400: "malformed request", 401: "invalid signature", 413: "request too large"}
        return JSONResponse({"error": words[self.status]}, self.status)


async def read_body(request: Request) -> bytes:
    """The raw bytes, given up on as soon as they are too many."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > LARGEST:
        raise Turned(413, "too large")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise Turned(413, "too large")
        parts.append(part)
    return b"".join(parts)


def check_slack(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> None:
    """Slack's v0 scheme: HMAC-SHA256 over version, timestamp and body, within five minutes either way."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not TIMESTAMP.fullmatch(timestamp) or not SIGNATURE.fullmatch(signature):
        raise Turned(401, "headers")
    if abs(now - int(timestamp)) > WINDOW_S:
        raise Turned(401, "stale")
    made = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
    if not hmac.compare_digest(f"v0={made}", signature):
        raise Turned(401, "signature")


def check_slack_shape(content_type: str, body: bytes) -> Mapping[str, object]:
    """What Slack says. A signed body that Bolt could not read is still malformed: 400, before Bolt makes it a 500."""
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            payload = json.loads(text)
        else:
            fields = dict(parse_qsl(text, keep_blank_values=True))
            payload = json.loads(fields["payload"]) if "payload" in fields else fields
    except (UnicodeDecodeError, ValueError) as error:
        raise Turned(400, "unreadable") from error
    if not isinstance(payload, dict) or not _complete(payload):
        raise Turned(400, "shape")
    return payload


def _complete(payload: Mapping[str, object]) -> bool:
    match payload.get("type"):
        case None:
            return "ssl_check" in payload or bool(payload.get("command") and payload.get("user_id"))
        case "block_actions":
            actions = payload.get("actions")
            return isinstance(actions, list) and bool(actions) and all(isinstance(one, dict) for one in actions)
        case "view_submission" | "view_closed":
            return isinstance(payload.get("view"), dict) and isinstance(payload.get("user"), dict)
        case "event_callback":
            return isinstance(payload.get("event"), dict) and bool(payload.get("event_id"))
        case str():
            return True
        case _:
            return False
