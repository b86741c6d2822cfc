"""The stand-in as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.qbo import control, gate, oauth, pages
from sandbox.qbo.config import QboSandboxConfig
from sandbox.qbo.lines import TRANSPORT_KEY
from sandbox.qbo.state import QboSandbox


class _App(Starlette):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the server's transport at hand: some faults cut the connection."""
        if scope["type"] == "http":
            scope[TRANSPORT_KEY] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    await app.state.qbo.webhooks.stop()


async def _health(_request: Request) -> Response:
    return JSONResponse({"ok": True})


def create_app(config: QboSandboxConfig) -> Starlette:
    """Its state is at `app.state.qbo` (a QboSandbox)."""
    verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes = [
        Route("/livez", _health),
        Route("/connect/oauth2", oauth.authorize, methods=["GET"]),
        Route("/connect/oauth2", oauth.decide, methods=["POST"]),
        Route("/oauth2/v1/tokens/bearer", oauth.token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", oauth.revoke, methods=["POST"]),
        Route("/.well-known/openid_configuration", oauth.discovery, methods=["GET"]),
        Route("/.well-known/openid_sandbox_configuration", oauth.discovery, methods=["GET"]),
        Route("/app/{form}", pages.show),
        *control.ROUTES,
        Route("/v3/company/{realm}/{rest:path}", gate.serve, methods=verbs),
    ]
    app = _App(routes=routes, lifespan=_lifespan)
    app.state.qbo = QboSandbox(config)
    return app
