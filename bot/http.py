"""The public routes: Slack in, OAuth both ways, QuickBooks' webhooks. Each few lines over what does the work."""

import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import gate, qbo_routes
from bot.app import SlackApp
from bot.pages import page
from bot.tools import Tools
from domains.installs import consume_state, issue_state
from kit.errors import Refused
from orchestrators.installs import Install, install

SCOPES = "commands,chat:write,im:write,users:read,files:write"
STATE_COOKIE = "runway-install"
STATE_LIFE_S = 600
# Slack's notice that it withholds a workspace's events for a minute. It is nobody's event: Bolt has no listener for it.
RATE_LIMITED = "app_rate_limited"

log = structlog.get_logger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Turn the gate's verdicts into their answers."""

    async def serve(request: Request) -> Response:
        try:
            return await endpoint(request)
        except gate.Turned as turned:
            log.warning("request.turned_away", status=turned.status, reason=turned.reason, path=request.url.path)
            return turned.response()

    return serve


class SlackRoutes:
    """Events, commands and clicks, and the two ends of an install."""

    def __init__(self, tools: Tools, slack: SlackApp) -> None:
        self._tools = tools
        self._slack = slack

    async def events(self, request: Request) -> Response:
        body = await gate.read_body(request)
        secret = self._tools.settings.slack_signing_secret
        gate.check_slack(secret.get_secret_value() if secret else "", request.headers, body, now=time.time())
        payload = gate.check_slack_shape(request.headers.get("content-type", ""), body)
        if payload.get("type") == RATE_LIMITED:
            log.warning("events.withheld", minute=payload.get("minute_rate_limited"))
            return Response()
        headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
        answer = await self._slack.bolt.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=headers))
        # Answers carry no secret, yet nothing between Slack and us should keep one.
        response = Response(answer.body or "", answer.status)
        for name, values in answer.headers.items():
            response.headers[name] = ", ".join(values)
        return response

    async def install(self, _request: Request) -> Response:
        settings = self._tools.settings
        async with self._tools.db.system_session() as session:
            state = await issue_state(session)
        query = {
            "client_id": settings.slack_client_id or "",
            "scope": SCOPES,
            "state": state,
            "redirect_uri": self._redirect_uri,
        }
        response = RedirectResponse(f"{settings.slack_authorize_url}?{urlencode(query)}", 302)
        secure = settings.public_url.startswith("https:")
        response.set_cookie(
            STATE_COOKIE, state, max_age=STATE_LIFE_S, httponly=True, secure=secure, samesite="lax", path="/slack"
        )
        return response

    async def oauth_redirect(self, request: Request) -> Response:
        query = request.query_params
        if query.get("error"):
            return self._again("Not installed", "Slack says that the install was cancelled. Nothing was set up.")
        state, cookie = query.get("state", ""), request.cookies.get(STATE_COOKIE, "")
        if not cookie or not hmac.compare_digest(state.encode(), cookie.encode()):
            return self._stale(400)
        async with self._tools.db.system_session() as session:
            fresh = await consume_state(session, state)
        if not fresh or not query.get("code"):
            return self._stale(401)
        return await self._complete(query["code"])

    async def _complete(self, code: str) -> Response:
        messenger = self._tools.messenger
        try:
            grant = await messenger.exchange(code, self._redirect_uri)
        except Refused as refusal:
            return self._again("Not installed", str(refusal), status=400)
        granted = Install(
            enterprise_id=grant.enterprise_id,
            team_id=grant.team_id,
            team_name=grant.team_name,
            app_id=grant.app_id,
            bot_id="",
            bot_user_id=grant.bot_user_id,
            scopes=grant.scopes,
            token=grant.token,
            refresh_token=grant.refresh_token,
            expires_in=grant.expires_in,
            installed_by=grant.installed_by,
        )
        business = await install(self._tools.db, self._tools.keyring, self._tools.clock, granted)
        messenger.forget(business)
        self._slack.door.forget(business)
        log.info("workspace.installed", business_id=str(business))
        sentence = f"Runway is in {grant.team_name}. It has sent you a direct message with the one next step."
        link = self._tools.settings.slack_app_link(app_id=grant.app_id, team_id=grant.team_id)
        return page("Installed", sentence, link=link)

    @property
    def _redirect_uri(self) -> str:
        return f"{self._tools.settings.public_url.rstrip('/')}/slack/oauth_redirect"

    def _stale(self, status: int) -> Response:
        sentence = "This install was started in another browser, too long ago, or was finished already."
        return self._again("Please start again", sentence, "Nothing was set up.", status=status)

    def _again(self, title: str, *sentences: str, status: int = 200) -> Response:
        link = f"{self._tools.settings.public_url.rstrip('/')}/slack/install"
        return page(title, *sentences, link=link, label="Start again", status=status)


def public_app(tools: Tools, slack: SlackApp) -> Starlette:
    """The ASGI application on the public port."""
    routes = SlackRoutes(tools, slack)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await slack.close()

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/slack/events", guarded(routes.events), methods=["POST"]),
            Route("/slack/install", routes.install),
            Route("/slack/oauth_redirect", routes.oauth_redirect),
            *qbo_routes.routes(tools, guarded),
        ],
    )
