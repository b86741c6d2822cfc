"""The routes of QuickBooks: the way to Intuit's consent and back, and the webhooks."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import gate
from bot.pages import page
from bot.tools import Tools
from domains.books import Unreadable
from kit.errors import Busy, Refused
from orchestrators import connection
from orchestrators.webhooks import WebhookIntake

STATE_COOKIE = "runway-connect"
DONE_COOKIE = "runway-connected"
STATE_LIFE_S = 600
CONNECTED = "QuickBooks is connected"
SPENT = "This link leads nowhere any more"
AGAIN = "Type /runway connect in Slack for a fresh link."
CLOSE = "Slack shows how far it is; you can close this page."

log = structlog.get_logger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


class ConnectRoutes:
    """Both ends of the way to Intuit."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def connect(self, request: Request) -> Response:
        try:
            started = await connection.begin(self._tools.db, self._tools.books, request.query_params.get("ticket", ""))
        except connection.Spent as spent:
            return page(SPENT, str(spent), AGAIN, status=400)
        response = RedirectResponse(started.url, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        self._mark(response, STATE_COOKIE, started.cookie)
        return response

    async def callback(self, request: Request) -> Response:
        query = request.query_params
        if query.get("error"):
            await connection.decline(self._tools.db, query.get("state", ""))
            return page("Not connected", "You said no at QuickBooks, so nothing was connected.", AGAIN)
        try:
            done = await self._complete(request)
        except connection.Spent as spent:
            if query.get("state") and request.cookies.get(DONE_COOKIE) == query["state"]:
                return page("QuickBooks was connected here", "Loading this page again changed nothing.", CLOSE)
            return page(SPENT, str(spent), AGAIN, status=400)
        except Refused as refusal:
            return page("Not connected", str(refusal), AGAIN, status=400)
        except Busy:
            return page("Not connected", "QuickBooks did not answer. Nothing was connected.", AGAIN, status=503)
        log.info("books.connected", business_id=str(done.business_id))
        link = self._tools.settings.slack_app_link(app_id=done.app_id, team_id=done.team_id)
        answer = page(CONNECTED, "Your books are being read now.", CLOSE, link=link)
        self._mark(answer, DONE_COOKIE, query["state"])
        return answer

    def _mark(self, response: Response, cookie: str, value: str) -> None:
        """For this browser and these routes alone."""
        secure = self._tools.settings.public_url.startswith("https:")
        response.set_cookie(
            cookie, value, max_age=STATE_LIFE_S, httponly=True, secure=secure, samesite="lax", path="/qbo"
        )

    async def _complete(self, request: Request) -> connection.Connected:
        query = request.query_params
        return await connection.complete(
            self._tools.db,
            self._tools.clock,
            self._tools.books,
            state=query.get("state", ""),
            cookie=request.cookies.get(STATE_COOKIE, ""),
            code=query.get("code", ""),
            realm_id=query.get("realmId", ""),
        )


class WebhookRoute:
    """Intuit tells what changed: verified over the raw bytes, stored, then answered."""

    def __init__(self, tools: Tools) -> None:
        self._books = tools.books
        self._intake = WebhookIntake(tools.db, tools.clock, tools.books)

    async def take(self, request: Request) -> Response:
        raw = await gate.read_body(request)
        if not self._books.is_signed(raw, request.headers.get("intuit-signature")):
            raise gate.Turned(401, "signature")
        try:
            fresh = await self._intake.take(raw)
        except Unreadable as error:
            raise gate.Turned(400, "unreadable") from error
        log.info("webhook.taken", fresh=fresh)
        return Response(status_code=200)


def routes(tools: Tools, guarded: Callable[[Endpoint], Endpoint]) -> list[Route]:
    connect, webhooks = ConnectRoutes(tools), WebhookRoute(tools)
    return [
        Route("/qbo/connect", connect.connect),
        Route("/qbo/callback", connect.callback),
        Route("/qbo/webhooks", guarded(webhooks.take), methods=["POST"]),
    ]
