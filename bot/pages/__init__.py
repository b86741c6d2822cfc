"""The few pages a browser sees: the end of an install, the end of a connection, and why one did not happen."""

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

TEMPLATES = Environment(loader=PackageLoader("bot", "pages"), autoescape=select_autoescape())
# Nothing on these pages may load, run or be framed, and no code or state may travel on in a referrer.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def page(
    title: str, *sentences: str, link: str | None = None, label: str = "Open Slack", status: int = 200
) -> HTMLResponse:
    text = TEMPLATES.get_template("page.html").render(title=title, sentences=sentences, link=link, label=label)
    return HTMLResponse(text, status, HEADERS)
