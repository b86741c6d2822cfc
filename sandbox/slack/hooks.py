"""The response_url endpoints: five posts within thirty minutes, no token needed."""

import json
import time
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.slack import messages
from sandbox.slack.acts import post_for_hook
from sandbox.slack.api.call import Args, SlackError
from sandbox.slack.api.content import accept_content
from sandbox.slack.api.dispatch import faulty_response
from sandbox.slack.connection import cut_connection
from sandbox.slack.faults import FaultKind, wait
from sandbox.slack.model import Hook, Message
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.triggers import HOOK_USES

JsonObject = dict[str, Any]


class ResponseUrls:
    def __init__(self, sandbox: SlackSandbox, kind: str) -> None:
        self.sandbox, self.kind = sandbox, kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        hook = self.sandbox.world.hooks.get(f"{self.kind}/{request.path_params['key']}")
        team_id = hook.team_id if hook else ""
        entry = self.sandbox.ledger.open("hook", f"response_url ({self.kind})", team_id=team_id)
        fault = self.sandbox.faults.take("response_url", team_id)
        started = time.perf_counter()
        if fault is not None and fault.kind in (FaultKind.REFUSE, FaultKind.TIMEOUT):
            if fault.kind is FaultKind.TIMEOUT:
                await wait(fault)
            entry.ok, entry.error = False, fault.kind.value
            self.sandbox.ledger.close(entry)
            await cut_connection(scope)
            return
        if fault is not None and fault.kind not in (FaultKind.DROP, FaultKind.LATENCY):
            response = faulty_response(fault)
        else:
            response = await self._answer(request, hook)
        entry.status, entry.ok = response.status_code, response.status_code == 200
        entry.error = "" if entry.ok else bytes(response.body).decode()[:200]
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 1)
        self.sandbox.ledger.close(entry)
        if fault is not None and fault.kind is FaultKind.DROP:
            await cut_connection(scope)
            return
        if fault is not None and fault.kind is FaultKind.LATENCY:
            await wait(fault)
        await response(scope, receive, send)

    async def _answer(self, request: Request, hook: Hook | None) -> Response:
        refused = self._find_refusal(hook)
        if refused is not None or hook is None:
            return refused or _refusal(404, "no_service")
        retry_after = self.sandbox.limits.check(hook.team_id, "response_url", 5, hook.key)
        if retry_after:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(retry_after)})
        args = _read(await request.body())
        if args is None:
            return _refusal(400, "invalid_payload")
        hook.uses += 1
        try:
            self._write(hook, args)
        except SlackError as error:
            return JSONResponse({"ok": False, "error": error.error, **error.extra}, 400)
        return PlainTextResponse("ok")

    def _find_refusal(self, hook: Hook | None) -> Response | None:
        if hook is None:
            return _refusal(404, "no_service")
        if hook.expires_at < self.sandbox.world.clock.now():
            return _refusal(404, "expired_url")
        if not self.sandbox.world.installations[hook.team_id].active:
            return _refusal(403, "invalid_token")
        return _refusal(404, "used_url") if hook.uses >= HOOK_USES else None

    def _write(self, hook: Hook, args: Args) -> None:
        original = self._find_original(hook)
        if args.flag("delete_original"):
            if original is None:
                raise SlackError("message_not_found")
            messages.remove(self.sandbox, original)
            return
        content = accept_content(self.sandbox, args)
        if args.flag("replace_original") and original is not None:
            messages.edit(self.sandbox, original, content)
        elif args.flag("replace_original") and hook.source:
            raise SlackError("message_not_found")
        else:
            post_for_hook(self.sandbox, hook, args, content)

    def _find_original(self, hook: Hook) -> Message | None:
        """The clicked message; for a command the last message this very URL (or its ack) posted."""
        return self.sandbox.world.find_message(hook.channel_id, hook.source or hook.posted)


def _refusal(status: int, error: str) -> Response:
    return JSONResponse({"ok": False, "error": error}, status)


def _read(body: bytes) -> Args | None:
    try:
        text = body.decode()
        if text.startswith("payload="):
            text = parse_qs(text)["payload"][0]
        found = json.loads(text)
    except (ValueError, KeyError):
        return None
    return Args(found) if isinstance(found, dict) else None
