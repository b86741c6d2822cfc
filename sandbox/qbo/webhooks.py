"""Tells a configured address what changed: debounced, signed, in either format, doubled or shuffled on request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

from sandbox.books.company import Change
from sandbox.books.entities import ENTITIES
from sandbox.books.values import PACIFIC, encode
from sandbox.qbo.clock import Clock
from sandbox.qbo.config import QboSandboxConfig, WebhookFormat
from sandbox.qbo.wire import new_tid

# Intuit sends no webhook for these.
_SILENT = frozenset({"CompanyInfo", "Attachable", "CompanyCurrency", "TaxCode", "TaxRate"})
_TYPES = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Merge": "merged",
    "Void": "voided",
    "Emailed": "emailed",
}


@dataclass(frozen=True, slots=True)
class Event:
    realm: str
    change: Change
    id: str

    def as_cloud_event(self) -> dict[str, Any]:
        at = self.change.at
        kind = f"qbo.{self.change.entity.lower()}.{_TYPES[self.change.operation]}.v1"
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
            "type": kind,
            "datacontenttype": "application/json",
            "time": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond:06d}157Z",
            "intuitentityid": self.change.id,
            "intuitaccountid": self.realm,
            "data": {},
        }
        if self.change.deleted_id:
            event["data"] = {"deletedId": self.change.deleted_id}
        return event

    def as_notification(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": self.change.entity,
            "id": self.change.id,
            "operation": self.change.operation,
            "lastUpdated": self.change.at.astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S%z"),
        }
        if self.change.deleted_id:
            row["deletedId"] = self.change.deleted_id
        return row


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver a POST; `status` 0 means no answer in time."""

    status: int
    attempt: int
    events: int
    body: bytes
    signature: str


@dataclass(slots=True)
class Webhooks:
    """Events wait `delay` seconds so that a burst of edits arrives as one POST. Switches may change at any time."""

    config: QboSandboxConfig
    clock: Clock
    enabled: bool = True
    duplicate: bool = False
    shuffle: bool = False
    url: str | None = None
    format: WebhookFormat = WebhookFormat.CLOUD_EVENTS
    verifier_token: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    _waiting: list[Event] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.url = self.config.webhook_url
        self.format = self.config.webhook_format
        self.verifier_token = self.config.verifier_token
        self._random.seed(self.config.seed)

    def note(self, realm: str, change: Change) -> None:
        """Queue an event. Without a running loop (books edited before the server runs) nothing is sent."""
        if not (self.enabled and self.url) or change.entity in _SILENT or change.entity not in ENTITIES:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        first = not self._waiting
        self._waiting.append(Event(realm, change, str(uuid.uuid4())))
        if first:
            task = loop.create_task(self._later())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _later(self) -> None:
        await asyncio.sleep(self.config.webhook_delay_seconds)
        await self.flush()

    async def flush(self) -> None:
        """Send what waits now, all realms in one POST."""
        events, self._waiting = self._waiting, []
        if not events or not self.url:
            return
        if self.shuffle:
            self._random.shuffle(events)
        body = self.body(events)
        for _ in range(2 if self.duplicate else 1):
            await self._deliver(body, len(events))

    def body(self, events: list[Event]) -> bytes:
        if self.format is WebhookFormat.CLOUD_EVENTS:
            return encode([event.as_cloud_event() for event in events])
        by_realm: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_realm[event.realm].append(event)
        return encode(
            {
                "eventNotifications": [
                    {"realmId": realm, "dataChangeEvent": {"entities": [event.as_notification() for event in group]}}
                    for realm, group in by_realm.items()
                ]
            }
        )

    def sign(self, body: bytes) -> str:
        digest = hmac.new(self.verifier_token.encode(), body, hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    async def _deliver(self, body: bytes, count: int) -> None:
        """Try at once and then on Intuit's schedule, compressed; after that the message is dropped."""
        signature = self.sign(body)
        for attempt, pause in enumerate((0.0, *self.config.webhook_retry_seconds), start=1):
            await asyncio.sleep(pause)
            status = await self._post(body, signature)
            self.deliveries.append(Delivery(status, attempt, count, body, signature))
            if status not in {0, 408, 500, 502, 503, 504}:
                return

    async def _post(self, body: bytes, signature: str) -> int:
        fields = {
            "content-type": "application/json",
            "intuit-signature": signature,
            "intuit-t-id": new_tid(),
            "intuit-created-time": self.clock.now().isoformat(),
            "user-agent": "intuit_notification_1.0",
            "intuit-notification-schema-version": "v2" if self.format is WebhookFormat.CLOUD_EVENTS else "v1",
        }
        async with httpx.AsyncClient(transport=self.config.webhook_transport, timeout=3.0, trust_env=False) as client:
            try:
                answer = await client.post(str(self.url), content=body, headers=fields)
            except httpx.HTTPError:
                return 0
        return answer.status_code

    async def settle(self) -> None:
        """Wait until nothing is waiting or on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
