"""Serves the Slack-like page; everything it shows it asks the `/_sandbox` endpoints for."""

from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

PAGE = Path(__file__).resolve().parent.parent / "page"
_FRESH = {"Cache-Control": "no-cache"}


async def serve_page(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers=_FRESH)


async def serve_side(_request: Request) -> Response:
    return FileResponse(PAGE / "side.html", headers=_FRESH)


async def redirect_to_app(request: Request) -> Response:
    """Slack's documented way from a web page to an app (`?app=A…&team=T…`)."""
    team = request.query_params.get("team", "")
    return RedirectResponse(f"/w/{quote(team, safe='')}?channel=app" if team else "/", headers=_FRESH)
