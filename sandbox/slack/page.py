"""Serves the Slack-like page; everything it shows it asks the `/_sandbox` endpoints for."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

PAGE = Path(__file__).resolve().parent.parent / "page"
_FRESH = {"Cache-Control": "no-cache"}


async def serve_page(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers=_FRESH)


async def serve_side(_request: Request) -> Response:
    return FileResponse(PAGE / "side.html", headers=_FRESH)
