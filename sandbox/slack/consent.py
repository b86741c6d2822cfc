"""The page on which a person lets the app into a workspace."""

import html
import re
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.slack import installs, people
from sandbox.slack.model import Person, Team
from sandbox.slack.sandbox import SlackSandbox

_PAGE = Path(__file__).resolve().parent.parent / "page" / "consent.html"
_SCOPE = re.compile(r"[a-z_.]+(:[a-z_.]+)*")
_MEANINGS = {
    "commands": "Add shortcuts and slash commands that people can use",
    "chat:write": "Send messages as the app, where it was added",
    "chat:write.public": "Send messages to channels the app is not a member of",
    "im:write": "Start direct messages with people",
    "users:read": "View people in the workspace",
    "users:read.email": "View email addresses of people in the workspace",
    "files:write": "Upload, edit and delete files as the app",
    "channels:read": "View basic information about public channels",
    "channels:history": "View messages in public channels the app was added to",
}


class Consent:
    def __init__(self, sandbox: SlackSandbox) -> None:
        self.sandbox = sandbox

    async def ask(self, request: Request) -> Response:
        asked = dict(request.query_params)
        problem = find_problem(self.sandbox, asked)
        if problem:
            return HTMLResponse(f"<!doctype html><title>Slack</title><h1>Oops</h1><p>{html.escape(problem)}</p>", 400)
        settings = self.sandbox.settings
        scopes = _list_scopes(asked)
        page = Template(_PAGE.read_text()).substitute(
            app=html.escape(settings.name),
            letter=html.escape(settings.name[:1]),
            color=html.escape(settings.color),
            scopes="".join(f"<li>{html.escape(_MEANINGS.get(one, one))} <code>{one}</code></li>" for one in scopes),
            people="".join(self._options(team, asked) for team in self.sandbox.world.teams.values() if team.home),
            hidden="".join(_hidden(key, value) for key, value in asked.items()),
        )
        return HTMLResponse(page)

    async def decide(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        problem = find_problem(self.sandbox, form)
        if problem:
            return HTMLResponse(html.escape(problem), 400)
        return RedirectResponse(decide(self.sandbox, form), 303)

    def _options(self, team: Team, asked: dict[str, str]) -> str:
        rows = [one for one in people.list_people(self.sandbox.world, team.id) if may_install(one, team.id)]
        wanted = (asked.get("team", ""), asked.get("as", ""))
        options = "".join(
            f'<option value="{team.id}/{one.id}"{" selected" if wanted == (team.id, one.id) else ""}>'
            f"{html.escape(one.real_name)} ({html.escape(one.role)})</option>"
            for one in rows
        )
        return f'<optgroup label="{html.escape(team.name)}">{options}</optgroup>'


def may_install(person: Person, team_id: str) -> bool:
    guest = person.is_restricted or person.is_ultra_restricted
    return person.team_id == team_id and not (person.is_bot or person.deleted or guest)


def find_problem(sandbox: SlackSandbox, asked: dict[str, str]) -> str:
    """Slack's own error page instead of a redirect: nothing may be sent to a wrong address."""
    settings = sandbox.settings
    if asked.get("client_id") != settings.client_id:
        return "Invalid client_id parameter"
    scopes = _list_scopes(asked)
    if not scopes:
        return "No scopes requested"
    if not all(_SCOPE.fullmatch(one) for one in scopes) or (
        settings.scopes and not set(scopes) <= set(settings.scopes)
    ):
        return f"Invalid permissions requested: {','.join(scopes)}"
    redirect = asked.get("redirect_uri", "")
    allowed = settings.redirect_urls or (settings.app_url,)
    if redirect and not redirect.startswith(allowed):
        return f"redirect_uri did not match any configured URIs. Passed URI: {redirect}"
    return ""


def decide(sandbox: SlackSandbox, form: dict[str, str]) -> str:
    """Where the browser goes next: with a code after Allow, with error=access_denied after Cancel."""
    redirect = form.get("redirect_uri") or _default_redirect(sandbox)
    answer = {"state": form["state"]} if form.get("state") else {}
    if form.get("decision") != "allow":
        answer["error"] = "access_denied"
    else:
        team_id, _, user_id = form["person"].partition("/")
        asked = form.get("redirect_uri", "")
        answer["code"] = installs.issue_code(sandbox, team_id, user_id, _list_scopes(form), asked).code
    return redirect + ("&" if urlsplit(redirect).query else "?") + urlencode(answer)


def _default_redirect(sandbox: SlackSandbox) -> str:
    urls = sandbox.settings.redirect_urls
    return urls[0] if urls else f"{sandbox.settings.app_url.rstrip('/')}/slack/oauth_redirect"


def _list_scopes(asked: dict[str, str]) -> list[str]:
    return [one for one in re.split(r"[,\s]+", asked.get("scope", "")) if one]


def _hidden(key: str, value: str) -> str:
    return f'<input type="hidden" name="{html.escape(key)}" value="{html.escape(value)}">'
