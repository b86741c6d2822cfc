"""The only code that speaks to QuickBooks's accounting API: paced, metered, bounded in time and size."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import quote

import httpx
import msgspec
import structlog

from domains.mirror import Entity
from domains.qbo import wire
from domains.qbo.faults import (
    Fault,
    MalformedAnswer,
    Throttled,
    TokenRejected,
    Unavailable,
    error_of,
    fault_of_item,
    find_fault,
)
from domains.qbo.meter import Meter
from domains.qbo.wire import Page, Unreadable
from kit.crypto import Secret
from kit.errors import Busy, RunwayError
from kit.http import BodyUnreadable, ConnectionFailed, DeadlineExceeded, Fetched, fetch
from kit.limits import Limiter, Rate

MINOR_VERSION = "75"
# Intuit allows 10 a second, 500 a minute and 40 batches a minute, and 10 in flight; a bucket never lets through more
# than its rate and its burst together, and what was sent evenly may arrive in a bunch.
PACE = (Rate(8, 1), Rate(400, 60, burst=90))
BATCH_PACE = (*PACE, Rate(34, 60, burst=5))
IN_FLIGHT = 8
TOTAL_S = 50.0
TRIES = 4
SLOW_TRIES = 2  # what was too much twice is asked for in smaller pieces
LONGEST_STATEMENT = 1500
BATCH_ITEMS = 30

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """A token and which pair it belongs to."""

    token: Secret
    generation: int


class Credentials(Protocol):
    """Where a client finds its token, and a newer one than `stale`."""

    async def get(self) -> Access: ...

    async def renew(self, stale: Access) -> Access: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient this process is; tests are less so. `pause_s` is how long a 429 silences the company."""

    limiter: Limiter
    longest_wait_s: float = 30
    pause_s: float = 60
    first_backoff_s: float = 0.5
    tries: int = TRIES


@dataclass(frozen=True, slots=True)
class QboClient:
    """One company, one job. Raises `Busy` for what passes, `QboFault` for what does not."""

    http: httpx.AsyncClient
    api_url: str
    realm_id: str
    credentials: Credentials
    pace: Pace
    meter: Meter = field(default_factory=Meter)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))

    async def query(self, statement: str) -> Page:
        return await self._page(await self._ask_query(statement), wire.read_page)

    async def changes(self, entities: Sequence[Entity], since: datetime) -> Page:
        """One answer for all kinds; at 1,000 objects it may have been cut off."""
        params = {"entities": ",".join(entities), "changedSince": since.isoformat()}
        return await self._page(await self._exchange("GET", "cdc", params=params, reads=1), wire.read_changes)

    async def read(self, entity: Entity, qbo_id: str) -> Page:
        """Raises `ObjectGone` when it was deleted."""
        path = f"{entity.lower()}/{quote(qbo_id, safe='')}"
        answer = await self._exchange("GET", path, reads=1)
        return await self._page(answer, lambda body: wire.read_one(body, entity))

    async def batch(self, statements: Mapping[str, str]) -> dict[str, Page]:
        """Up to 30 queries by name in one request. An item that failed fails the whole: none is silently missing."""
        assert len(statements) <= BATCH_ITEMS
        body = {"BatchItemRequest": [{"bId": name, "Query": text} for name, text in statements.items()]}
        answer = await self._exchange("POST", "batch", json=body, reads=len(statements), pace=BATCH_PACE)
        return await self._items(answer, statements)

    async def update(self, entity: Entity, document: Mapping[str, object], *, requestid: str) -> Page:
        """A write. The same `requestid` is answered with the first answer instead of written twice."""
        params = {"requestid": requestid}
        answer = await self._exchange("POST", entity.lower(), params=params, json=document, reads=0)
        return await self._page(answer, lambda body: wire.read_one(body, entity))

    async def _ask_query(self, statement: str) -> Fetched:
        if len(statement) <= LONGEST_STATEMENT:
            return await self._exchange("GET", "query", params={"query": statement}, reads=1)
        return await self._exchange("POST", "query", content=statement, reads=1)

    async def _items(self, answer: Fetched, statements: Mapping[str, str]) -> dict[str, Page]:
        reference = answer.headers.get("intuit_tid")
        try:
            items, time = wire.read_batch(answer.body)
            for item in items.values():
                fault = fault_of_item(item, reference)
                if fault:
                    await self._refuse(fault)
            time = time or _date_of(answer)
            return {name: wire.read_query_item(items[name], time) for name in statements}
        except (Unreadable, KeyError) as error:
            raise _malformed(error, answer) from None

    async def _page(self, answer: Fetched, read: Callable[[bytes], Page]) -> Page:
        try:
            page = read(answer.body)
            return page if page.time else msgspec.structs.replace(page, time=_date_of(answer))
        except Unreadable as error:
            raise _malformed(error, answer) from None

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        content: str | None = None,
        reads: int,
        pace: tuple[Rate, ...] = PACE,
    ) -> Fetched:
        """Send until it is answered, refused or the patience ends. Writes carry a requestid: repeating is safe."""
        request = _Request(method, f"{self.api_url}/v3/company/{self.realm_id}/{path}", params or {}, json, content)
        access = await self.credentials.get()
        stale: Access | None = None
        for attempt in range(1, self.pace.tries + 1):
            try:
                return await self._send(request, access, pace, reads)
            except TokenRejected as error:
                if attempt >= self.pace.tries or access == stale:
                    raise
                if stale is None:
                    stale, access = access, await self.credentials.renew(access)
                else:  # a consent that had ended would not have been renewed
                    await self._back_off(attempt, error)
            except (Unavailable, ConnectionFailed) as error:
                if attempt >= (SLOW_TRIES if _is_slow(error) else self.pace.tries):
                    raise
                await self._back_off(attempt, error)
        raise Unavailable("QuickBooks has a problem.", retry_after=30, reference=None)

    async def _send(self, request: "_Request", access: Access, pace: tuple[Rate, ...], reads: int) -> Fetched:
        async with self._place():
            await self._wait_for_turn(pace)
            self.meter.sent()
            answer = await self._fetch(request, access)
        fault = find_fault(answer.status, answer.headers, answer.body)
        if fault:
            await self._refuse(fault)
        self.meter.answered(reads)
        return _whole(answer)

    async def _fetch(self, request: "_Request", access: Access) -> Fetched:
        try:
            return await fetch(
                self.http,
                request.method,
                request.url,
                total=TOTAL_S,
                headers=request.headers(access),
                params={**request.params, "minorversion": MINOR_VERSION},
                content=request.content(),
            )
        except BodyUnreadable as error:
            log.warning("qbo.malformed", error=str(error)[:120])
            raise MalformedAnswer(None) from error

    async def _refuse(self, fault: Fault) -> None:
        error = error_of(fault)
        log.warning("qbo.refused", status=fault.status, fault_code=fault.code, intuit_tid=fault.reference)
        if isinstance(error, Throttled):
            error.retry_after = fault.retry_after or self.pace.pause_s
            await self.pace.limiter.pause(self._key, error.retry_after)
        raise error

    async def _wait_for_turn(self, pace: tuple[Rate, ...]) -> None:
        waited = 0.0
        while (wait := await self.pace.limiter.take(self._key, pace)) > 0:
            if waited + wait > self.pace.longest_wait_s:
                raise Throttled("This company's share of requests is used up for the moment.", retry_after=wait)
            await asyncio.sleep(wait)
            waited += wait

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places in flight that all processes share for this company."""
        async with self.places, AsyncExitStack() as stack:
            for _ in range(round(self.pace.longest_wait_s / 0.1)):
                try:
                    await stack.enter_async_context(self.pace.limiter.slot(self._key, IN_FLIGHT))
                    break
                except Busy:
                    await asyncio.sleep(0.1)
            else:
                raise Throttled("All places of this company are taken.", retry_after=5)
            yield

    async def _back_off(self, attempt: int, error: RunwayError) -> None:
        ceiling = self.pace.first_backoff_s * 2 ** (attempt - 1)
        log.info("qbo.retried", attempt=attempt, error=type(error).__name__)
        await asyncio.sleep(random.uniform(0, ceiling))

    @property
    def _key(self) -> str:
        return f"qbo:{self.realm_id}"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, str]
    json: object
    text: str | None

    def headers(self, access: Access) -> dict[str, str]:
        kind = "application/json" if self.json is not None else "application/text"
        sent = {"content-type": kind} if self.method == "POST" else {}
        return {"accept": "application/json", "authorization": f"Bearer {access.token.reveal()}", **sent}

    def content(self) -> bytes | str | None:
        return self.text if self.json is None else msgspec.json.encode(self.json)


def _is_slow(error: Busy) -> bool:
    return isinstance(error, DeadlineExceeded) or (isinstance(error, Unavailable) and error.slow)


def _whole(answer: Fetched) -> Fetched:
    """A page of a gateway or half an answer may come with a 200: asking again brings the other one."""
    try:
        return replace(answer, body=wire.whole(answer.body, answer.headers.get("content-type", "")))
    except Unreadable as error:
        raise _malformed(error, answer) from None


def _malformed(error: Exception, answer: Fetched) -> MalformedAnswer:
    reference = answer.headers.get("intuit_tid")
    log.warning("qbo.malformed", error=str(error)[:120], intuit_tid=reference)
    return MalformedAnswer(reference)


def _date_of(answer: Fetched) -> datetime:
    try:
        return parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        raise Unreadable("an answer without its time") from None
