"""Puts the stand-in together: one Starlette app with Slack's endpoints, the page, and its own controls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from sandbox.slack.api import chat, conversations, files, oauth, users, views
from sandbox.slack.api.dispatch import WebApi
from sandbox.slack.config import SlackSandboxConfig
from sandbox.slack.connection import RAW_SEND
from sandbox.slack.consent import Consent
from sandbox.slack.control import acting, arranging, reading, steering
from sandbox.slack.control.ask import Answer, Endpoint, endpoint
from sandbox.slack.hooks import ResponseUrls
from sandbox.slack.page import PAGE, redirect_to_app, serve_page, serve_side
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.uploads import Uploads, file_response

# Importing these modules registers their methods.
API_MODULES = (chat, conversations, files, oauth, users, views)

_CONTROLS: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/session", reading.session),
    ("GET", "/messages", reading.list_messages),
    ("GET", "/home", reading.home),
    ("GET", "/modals", reading.modals),
    ("GET", "/state", reading.state),
    ("GET", "/ledger", reading.ledger),
    ("POST", "/commands", acting.command),
    ("POST", "/posts", acting.post),
    ("POST", "/clicks", acting.click),
    ("POST", "/submissions", acting.submit),
    ("POST", "/closings", acting.close),
    ("POST", "/inputs", acting.keep_inputs),
    ("POST", "/home", acting.open_app),
    ("POST", "/suggestions", acting.suggest),
    ("POST", "/dismissals", acting.dismiss),
    ("POST", "/raw", acting.raw),
    ("POST", "/replays", acting.replay),
    ("POST", "/teams", arranging.add_team),
    ("POST", "/people", arranging.add_person),
    ("PATCH", "/people", arranging.change_person),
    ("POST", "/channels", arranging.add_channel),
    ("PATCH", "/channels", arranging.change_channel),
    ("POST", "/installations", arranging.install),
    ("DELETE", "/installations", arranging.uninstall),
    ("POST", "/install-flow", arranging.run_install_flow),
    ("POST", "/revocations", arranging.revoke),
    ("GET", "/settings", steering.show_settings),
    ("PUT", "/settings", steering.change_settings),
    ("POST", "/clock", steering.advance_clock),
    ("GET", "/faults", steering.list_faults),
    ("POST", "/faults", steering.add_fault),
    ("DELETE", "/faults", steering.clear_faults),
    ("PUT", "/limits", steering.set_limits),
    ("POST", "/events", steering.send_event),
    ("POST", "/verify-url", steering.verify_url),
    ("POST", "/sockets", steering.disconnect_sockets),
    ("POST", "/settle", steering.settle),
    ("POST", "/reset", steering.reset),
    ("POST", "/save", steering.save),
)


class SlackApp(Starlette):
    """Keeps the server's own `send` in reach, so that a fault can cut the connection under it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[RAW_SEND] = send
        await super().__call__(scope, receive, send)


def create_app(config: SlackSandboxConfig | None = None) -> Starlette:
    """`app.state.sandbox` is the SlackSandbox, for tests that run it in-process."""
    sandbox = SlackSandbox(config or SlackSandboxConfig())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        saving = asyncio.create_task(sandbox.keep_saving())
        yield
        saving.cancel()
        await sandbox.close()

    app = SlackApp(routes=_routes(sandbox), lifespan=lifespan)
    app.state.sandbox = sandbox
    return app


def _routes(sandbox: SlackSandbox) -> list[BaseRoute]:
    consent, uploads = Consent(sandbox), Uploads(sandbox)
    return [
        Route("/api/{method}", WebApi(sandbox), methods=["GET", "POST"]),
        Route("/oauth/v2/authorize", consent.ask, methods=["GET"]),
        Route("/oauth/v2/authorize", consent.decide, methods=["POST"]),
        Route("/commands/{key:path}", ResponseUrls(sandbox, "commands"), methods=["POST"]),
        Route("/actions/{key:path}", ResponseUrls(sandbox, "actions"), methods=["POST"]),
        Route("/upload/v1/{key}", uploads.receive, methods=["POST"]),
        Route("/files-pri/{ref}/{name:path}", uploads.download),
        WebSocketRoute("/link", _socket_endpoint(sandbox)),
        Route("/archives/{channel}/{ref}", _permalink_endpoint(sandbox)),
        Route("/_sandbox/stream", _stream_endpoint(sandbox)),
        Route("/_sandbox/files/{id}", _file_endpoint(sandbox)),
        *(Route(f"/_sandbox{path}", endpoint(sandbox, act), methods=[verb]) for verb, path, act in _CONTROLS),
        Mount("/page", StaticFiles(directory=PAGE)),
        Route("/side", serve_side),
        Route("/app_redirect", redirect_to_app),
        Route("/", serve_page),
        Route("/w/{team}", serve_page),
    ]


def _socket_endpoint(sandbox: SlackSandbox) -> Callable[[WebSocket], Awaitable[None]]:
    async def connect(socket: WebSocket) -> None:
        await sandbox.sockets.serve(socket, sandbox.settings.app_id)

    return connect


def _stream_endpoint(sandbox: SlackSandbox) -> Endpoint:
    async def stream(_request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(sandbox.live.stream(), media_type="text/event-stream", headers=headers)

    return stream


def _file_endpoint(sandbox: SlackSandbox) -> Endpoint:
    async def download(request: Request) -> Response:
        file = sandbox.world.files.get(request.path_params["id"])
        viewer = request.query_params.get("as", "")
        seen = file is not None and any(viewer in sandbox.world.channels[one].members for one in file.channels)
        if file is None or file.content is None or not seen:
            return JSONResponse({"ok": False, "error": "there is no such file for this person"}, 404)
        return file_response(file)

    return download


def _permalink_endpoint(sandbox: SlackSandbox) -> Endpoint:
    async def follow(request: Request) -> Response:
        channel = sandbox.world.channels.get(request.path_params["channel"])
        if channel is None:
            return JSONResponse({"ok": False, "error": "there is no such channel"}, 404)
        return RedirectResponse(f"/w/{channel.team_id}?channel={channel.id}#{request.path_params['ref']}")

    return follow
