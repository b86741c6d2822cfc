"""Answers through a response_url: five within thirty minutes, one a second, and a verdict that may be plain text."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from bot.views.degrade import without_new_blocks
from kit.http import Fetched, HostNotAllowed, fetch

TOTAL_S = 5
PAUSE_S, LONGEST_PAUSE_S = 1.0, 3.0
HEADERS = {"Content-Type": "application/json"}

log = structlog.get_logger(__name__)


async def send(client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> bool:
    """True when Slack took it, if need be at the second try or in older blocks. Raises `kit.http.ConnectionFailed`."""
    try:
        answer = await _post(client, url, body)
    except HostNotAllowed:
        log.warning("response_url.not_slacks")
        return False
    if _is_passing(answer, again=bool(body["replace_original"])):
        await asyncio.sleep(_pause(answer))
        answer = await _post(client, url, body)
    refusal = find_refusal(answer)
    if refusal == "invalid_blocks":
        log.warning("message.degraded", method="response_url")
        refusal = find_refusal(await _post(client, url, without_new_blocks(body)))
    if refusal is not None:
        log.warning("response_url.refused", status=answer.status, error_code=refusal)
    return refusal is None


def find_refusal(answer: Fetched) -> str | None:
    """Slack says `ok`, `{"ok":true}`, or what is wrong: as JSON or as plain text."""
    text = answer.body.decode(errors="replace").strip()
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if isinstance(said, dict) and said.get("ok") is False:
        return str(said.get("error", "unknown"))
    return (text if text.isidentifier() else str(answer.status)) if answer.status >= 400 else None


def _is_passing(answer: Fetched, *, again: bool) -> bool:
    """A limit was surely not taken; what failed inside Slack may have been, and is repeated only where it replaces."""
    return answer.status == 429 or (again and answer.status >= 500)


def _pause(answer: Fetched) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else PAUSE_S


async def _post(client: httpx.AsyncClient, url: str, body: Mapping[str, Any]) -> Fetched:
    return await fetch(client, "POST", url, content=json.dumps(body), headers=HEADERS, total=TOTAL_S)
