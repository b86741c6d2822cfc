"""Installs the app the way a browser would: its install link, the consent page, its redirect, cookies and all."""

from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from sandbox.slack import consent
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]

_HOPS = 8


async def run(sandbox: SlackSandbox, team_id: str, user_id: str, decision: str) -> JsonObject:
    """Follows redirects by hand, because cookies marked Secure must travel over plain loopback HTTP too."""
    url, cookies = sandbox.settings.install_url, dict[str, str]()
    for _ in range(_HOPS):
        response = await _get(sandbox, url, cookies)
        location = response.headers.get("location") or _find_link(response.text)
        if not location or (response.status_code == 200 and "/oauth/v2/authorize" not in location):
            return {"ok": response.status_code == 200, "status": response.status_code, "url": url}
        url = urljoin(url, location)
        if urlsplit(url).path.endswith("/oauth/v2/authorize"):
            form = dict(parse_qsl(urlsplit(url).query)) | {"decision": decision, "person": f"{team_id}/{user_id}"}
            problem = consent.find_problem(sandbox, form)
            if problem:
                return {"ok": False, "error": problem, "url": url}
            url = consent.decide(sandbox, form)
    return {"ok": False, "error": "too many redirects", "url": url}


async def _get(sandbox: SlackSandbox, url: str, cookies: dict[str, str]) -> httpx.Response:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    response = await sandbox.http.get(url, headers={"Cookie": header} if header else {}, timeout=30)
    for line in response.headers.get_list("set-cookie"):
        name, _, value = line.split(";", 1)[0].partition("=")
        cookies[name.strip()] = value
    return response


def _find_link(page: str) -> str:
    """An install page may show a button instead of redirecting."""
    for piece in page.split('"')[1::2]:
        if "/oauth/v2/authorize" in piece:
            return piece.replace("&amp;", "&")
    return ""
