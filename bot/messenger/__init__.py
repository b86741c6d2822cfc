"""The only caller of Slack's Web API. Knows tokens, pace and refusals (`errors`); knows nothing of bills."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.messenger import response_urls
from bot.messenger.answers import Grant, SlackPerson, read_grant, read_person
from bot.messenger.errors import AppRemoved, Limited, translated
from bot.messenger.pace import FALLBACK_SHARE, Pace
from bot.views.blocks import Home, Message, Modal
from bot.views.degrade import fit, without_new_blocks
from bot.views.limits import Surface
from domains import slack_tokens
from kit.config import Settings
from kit.errors import Busy, FaultDetail, Refused, VendorFault
from kit.http import IDLE_S, new_client
from kit.limits import Limiter
from kit.runtime import Runtime

TOKEN_TTL_S = 60.0
TOTAL_S = 20.0
INTERACTIVE_TOTAL_S = 2.5
# Slack's reference and its own SDK read with GET; a POST with a query string is taken for these by courtesy only.
READS = frozenset({"chat.getPermalink", "users.info", "users.list"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    channel: str
    ts: str


class Messenger:
    """On behalf of a business; one instance serves them all and keeps nothing but short-lived tokens."""

    def __init__(
        self, runtime: Runtime, session: aiohttp.ClientSession, responses: httpx.AsyncClient, limiter: Limiter
    ) -> None:
        self._runtime = runtime
        self._session = session
        self._responses = responses
        self._pace = Pace(limiter)
        self._tokens: dict[UUID, tuple[float, str]] = {}

    # -- messages -----------------------------------------------------------

    async def post(self, business: UUID, channel: str, message: Message, *, thread_ts: str | None = None) -> Place:
        """Not idempotent at Slack: after `Unanswered` the message may stand there."""
        extra = {"thread_ts": thread_ts} if thread_ts else {}
        answer = await self._say(business, "chat.postMessage", message, channel=channel, **extra)
        return Place(str(answer["channel"]), str(answer["ts"]))

    async def update(self, business: UUID, place: Place, message: Message) -> None:
        await self._say(business, "chat.update", message, channel=place.channel, ts=place.ts)

    async def whisper(self, business: UUID, channel: str, person: str, message: Message) -> None:
        """Seen by one person, stored nowhere."""
        await self._say(business, "chat.postEphemeral", message, channel=channel, user=person)

    async def dm_channel(self, business: UUID, person: str) -> str:
        answer = await self._call(business, "conversations.open", params={"users": person})
        return str(answer["channel"]["id"])

    async def permalink(self, business: UUID, place: Place) -> str:
        params = {"channel": place.channel, "message_ts": place.ts}
        answer = await self._call(business, "chat.getPermalink", params=params, total=INTERACTIVE_TOTAL_S)
        return str(answer["permalink"])

    async def upload(self, business: UUID, channel: str, *, name: str, title: str, content: bytes, note: str) -> None:
        """Attach a file to a channel, with a sentence beside it."""
        client = await self._client(business)
        with translated("files.upload"):
            await client.files_upload_v2(
                channel=channel,
                filename=name,
                title=title,
                content=content,
                initial_comment=note,
                request_file_info=False,
            )

    # -- views --------------------------------------------------------------

    async def open_view(self, business: UUID, trigger_id: str, modal: Modal) -> str:
        body = {"trigger_id": trigger_id, "view": self.fitted("modal", modal)}
        answer = await self._call(business, "views.open", json=body, total=INTERACTIVE_TOTAL_S)
        return str(answer["view"]["id"])

    async def push_view(self, business: UUID, trigger_id: str, modal: Modal) -> str:
        body = {"trigger_id": trigger_id, "view": self.fitted("modal", modal)}
        answer = await self._call(business, "views.push", json=body, total=INTERACTIVE_TOTAL_S)
        return str(answer["view"]["id"])

    async def update_view(self, business: UUID, view_id: str, modal: Modal) -> None:
        body = {"view_id": view_id, "view": self.fitted("modal", modal)}
        await self._call(business, "views.update", json=body, total=INTERACTIVE_TOTAL_S)

    async def publish_home(self, business: UUID, person: str, home: Home) -> None:
        await self._call(business, "views.publish", json={"user_id": person, "view": self.fitted("home", home)})

    # -- people and installation --------------------------------------------

    async def person(self, business: UUID, slack_user: str) -> SlackPerson:
        answer = await self._call(business, "users.info", params={"user": slack_user}, total=INTERACTIVE_TOTAL_S)
        return read_person(answer["user"])

    async def people(self, business: UUID) -> AsyncIterator[SlackPerson]:
        """Everybody whom users.list shows, page by page."""
        cursor = ""
        while True:
            answer = await self._call(business, "users.list", params={"limit": 200, "cursor": cursor})
            for member in answer["members"]:
                yield read_person(member)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Raises `Refused` when Slack does not take the code."""
        try:
            answer = await self._oauth(code=code, redirect_uri=redirect_uri)
        except (Busy, VendorFault) as fault:
            log.warning("install.refused", reason=str(fault))
            raise Refused("Slack did not confirm the install. Nothing was set up; please start again.") from fault
        return read_grant(answer)

    def forget(self, business: UUID) -> None:
        """Drop the cached token: it was revoked or replaced."""
        self._tokens.pop(business, None)

    # -- the wire -----------------------------------------------------------

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        """Answer through a response_url; the host must be Slack's. False when Slack did not take it."""
        body = {"response_type": "ephemeral", "replace_original": replace, **self.fitted("message", message)}
        return await response_urls.send(self._responses, url, body)

    async def _say(self, business: UUID, method: str, message: Message, **fields: Any) -> Mapping[str, Any]:
        """Send; should this workspace not know the newest blocks yet, once more without them."""
        quiet = {"unfurl_links": False, "unfurl_media": False} if method == "chat.postMessage" else {}
        body = self.fitted("message", message)
        try:
            return await self._call(business, method, json={**fields, **quiet, **body})
        except VendorFault as fault:
            if fault.detail.code != "invalid_blocks":
                raise
            log.warning("message.degraded", method=method)
            return await self._call(business, method, json={**fields, **quiet, **without_new_blocks(body)})

    def fitted(self, surface: Surface, shown: Message | Modal | Home) -> dict[str, Any]:
        """What Slack would refuse is cut before it is sent, and said in the log."""
        fitted = fit(surface, shown.payload())
        if fitted.problems:
            log.error("message.cut", surface=surface, problems=fitted.problems)
        return fitted.payload

    async def _call(self, business: UUID, method: str, *, total: float = TOTAL_S, **body: Any) -> Mapping[str, Any]:
        """A token that another process replaced meanwhile looks revoked: one more try with the stored one."""
        await self._pace.take_turn(business, method, body)
        client = await self._client(business)
        try:
            return await self._send(client, method, total, body)
        except Limited as limited:
            await self._pace.hold(business, method, body, limited.retry_after)
            raise
        except AppRemoved:
            self.forget(business)
            stored = await self._client(business)
            if stored.token == client.token:
                raise
            return await self._send(stored, method, total, body)

    async def _send(
        self, client: AsyncWebClient, method: str, total: float, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        with self._runtime.metrics.calling("slack"), translated(method):
            async with asyncio.timeout(total):
                answer = await client.api_call(method, http_verb="GET" if method in READS else "POST", **body)
        return _object(answer.data)

    async def _client(self, business: UUID) -> AsyncWebClient:
        known = self._tokens.get(business)
        if known is None or known[0] < time.monotonic():
            token = await slack_tokens.get_token(self._runtime, business, refresh=self._refresh)
            known = self._tokens[business] = (time.monotonic() + TOKEN_TTL_S, token)
        return self._bare(known[1])

    def _bare(self, token: str | None = None) -> AsyncWebClient:
        # No retry handlers: the SDK's default posts a message twice when a connection breaks after it was taken.
        url = self._runtime.settings.slack_api_url
        return AsyncWebClient(token=token, base_url=url, session=self._session, retry_handlers=[])

    async def _refresh(self, refresh_token: str) -> slack_tokens.Rotated:
        answer = await self._oauth(grant_type="refresh_token", refresh_token=refresh_token)
        return slack_tokens.Rotated(answer["access_token"], answer["refresh_token"], int(answer["expires_in"]))

    async def _oauth(self, **fields: str) -> Mapping[str, Any]:
        settings = self._runtime.settings
        secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
        with translated("oauth.v2.access"):
            async with asyncio.timeout(INTERACTIVE_TOTAL_S * 2):
                answer = await self._bare().oauth_v2_access(
                    client_id=settings.slack_client_id or "", client_secret=secret, **fields
                )
        return _object(answer.data)


def _object(data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise VendorFault("Slack answered something that is not an object", FaultDetail("slack", "not_json"))
    return data


@asynccontextmanager
async def open_messenger(runtime: Runtime) -> AsyncIterator[Messenger]:
    """One connection pool for the process."""
    limiter = Limiter(runtime.redis, FALLBACK_SHARE)
    hosts = runtime.settings.response_url_hosts
    timeout, connector = aiohttp.ClientTimeout(total=TOTAL_S, connect=3), aiohttp.TCPConnector(keepalive_timeout=IDLE_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
        new_client(allowed_hosts=hosts) as responses,
    ):
        yield Messenger(runtime, session, responses, limiter)


def app_client(settings: Settings) -> AsyncWebClient:
    """Without a workspace's token: Socket Mode asks it where to connect."""
    return AsyncWebClient(base_url=settings.slack_api_url)
