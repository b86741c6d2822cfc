"""A small Bolt app and the Slack stand-in, face to face on loopback HTTP."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import bind, serving, url_of
from sandbox.slack import AppSettings, SlackSandboxConfig, create_app
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]
NO_TLS = ssl.create_default_context()
SCOPES = ("commands", "chat:write", "im:write", "users:read", "files:write")


@dataclass(slots=True)
class Stage:
    """`post`, `get` … speak to the stand-in's own endpoints; `client` is an independent Web API client."""

    sandbox: SlackSandbox
    http: httpx.AsyncClient
    app: AsyncApp
    app_url: str
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)  # the app's next answers, instead of Bolt's
    token: str = ""

    async def post(self, path: str, **body: Any) -> JsonObject:
        return await self.ask("POST", path, **body)

    async def get(self, path: str, **query: Any) -> JsonObject:
        response = await self.http.get(f"/_sandbox/{path}", params=query)
        return dict(response.json())

    async def ask(self, verb: str, path: str, **body: Any) -> JsonObject:
        response = await self.http.request(verb, f"/_sandbox/{path}", json=body)
        found = dict(response.json())
        return {**found, "http_status": response.status_code}

    async def messages(self, channel: str = "general", person: str = "maya", **more: str) -> list[JsonObject]:
        answer = await self.get("messages", channel=channel, **{"as": person}, **more)
        return list(answer["messages"])

    async def last(self, channel: str = "general", person: str = "maya") -> JsonObject:
        return (await self.messages(channel, person))[-1]

    async def install(self, *scopes: str, **who: str) -> AsyncWebClient:
        answer = await self.post("installations", scopes=list(scopes or SCOPES), **who)
        return self.client(answer["bot_token"])

    def client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=f"{self.sandbox.base_url}/api/", retry_handlers=[])

    async def changes(self) -> AsyncIterator[None]:
        """Yields at once, then after every change in the stand-in; fails after five seconds."""
        async with asyncio.timeout(5):
            async for _ in self.sandbox.live.stream():
                yield

    async def person_id(self, name: str) -> str:
        answer = await self.get("session", **{"as": name})
        return str(answer["me"]["id"])


@asynccontextmanager
async def stage(tmp: Path, **changes: Any) -> AsyncIterator[Stage]:
    """`changes` are fields of SlackSandboxConfig or of AppSettings."""
    slack_socket, app_socket = bind(0), bind(0)
    slack_url, app_url = url_of(slack_socket), url_of(app_socket)
    of_app = {key: changes.pop(key) for key in list(changes) if key in AppSettings.__dataclass_fields__}
    settings = replace(AppSettings(app_url=app_url), **of_app)
    config = SlackSandboxConfig(app=settings, public_url=slack_url, event_retry_delays=(0.0, 0.0, 0.0))
    slack = create_app(replace(config, **changes))
    bolt = make_bolt_app(slack_url, settings, tmp)
    async with httpx.AsyncClient(base_url=slack_url, verify=NO_TLS) as http:
        found = Stage(slack.state.sandbox, http, bolt, app_url)
        async with serving(slack, slack_socket), serving(web_app(found, bolt), app_socket):
            yield found


def make_bolt_app(slack_url: str, settings: AppSettings, tmp: Path) -> AsyncApp:
    store = FileInstallationStore(base_dir=str(tmp / "installs"))
    client = AsyncWebClient(base_url=f"{slack_url}/api/")
    oauth = AsyncOAuthSettings(
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        scopes=list(SCOPES),
        authorization_url=f"{slack_url}/oauth/v2/authorize",
        installation_store=store,
        state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp / "states")),
    )
    return AsyncApp(
        signing_secret=settings.signing_secret, client=client, installation_store=store, oauth_settings=oauth
    )


def web_app(found: Stage, bolt: AsyncApp) -> Starlette:
    handler = AsyncSlackRequestHandler(bolt)

    async def answer(request: Request) -> Response:
        found.seen.append(((await request.body()).decode(), dict(request.headers)))
        return found.answers.pop(0) if found.answers else await handler.handle(request)

    paths = ("/slack/events", "/slack/install", "/slack/oauth_redirect")
    return Starlette(routes=[Route(path, answer, methods=["GET", "POST"]) for path in paths])
