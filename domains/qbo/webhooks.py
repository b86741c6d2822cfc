"""Intuit's deliveries: verified over the bytes they came in, read in both formats, never trusted for content."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from domains.mirror import Entity
from domains.qbo.entities import find_entity
from domains.qbo.wire import Unreadable

CLOUD_TYPE = re.compile(r"qbo\.(.+)\.(\w+)\.v\d+", re.IGNORECASE)  # qbo.bill.updated.v1


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to a record; what, only QuickBooks can say. `key` is the same for a repeated delivery.

    `entity` is None for kinds that are not mirrored. `deleted_id` is the name that a merge took away.
    """

    key: str
    realm_id: str
    entity: Entity | None
    qbo_id: str
    operation: str
    deleted_id: str | None = None


class _Cloud(msgspec.Struct, frozen=True):
    id: str
    type: str
    entity_id: str = msgspec.field(name="intuitentityid", default="")
    realm_id: str = msgspec.field(name="intuitaccountid", default="")
    time: str = ""
    data: object = None


class _Changed(msgspec.Struct, frozen=True):
    name: str
    id: str
    operation: str
    updated: str = msgspec.field(name="lastUpdated", default="")
    deleted_id: str | None = msgspec.field(name="deletedId", default=None)


class _Entities(msgspec.Struct, frozen=True):
    entities: list[_Changed] = []


class _Notification(msgspec.Struct, frozen=True):
    realm_id: str = msgspec.field(name="realmId")
    event: _Entities = msgspec.field(name="dataChangeEvent", default=_Entities())


class _Older(msgspec.Struct, frozen=True):
    notifications: list[_Notification] = msgspec.field(name="eventNotifications")


def is_signed(raw: bytes, signature: str | None, tokens: Sequence[str]) -> bool:
    """Base64 of HMAC-SHA256 over the raw body; two tokens are accepted while one replaces the other."""
    try:
        given = base64.b64decode(signature or "", validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = [hmac.new(token.encode(), raw, hashlib.sha256).digest() for token in tokens]
    matches = [hmac.compare_digest(given, digest) for digest in expected]
    return any(matches)


def read_events(raw: bytes) -> list[Event]:
    """Of any number of companies. Raises `Unreadable` for what is neither format."""
    if not raw.strip():
        return []
    try:
        if raw.lstrip()[:1] == b"[":
            return [_cloud(event) for event in msgspec.json.decode(raw, type=list[_Cloud])]
        if "specversion" in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]):
            return [_cloud(msgspec.json.decode(raw, type=_Cloud))]
        return _older(msgspec.json.decode(raw, type=_Older))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"neither format of a delivery ({type(error).__name__})") from None


def _cloud(event: _Cloud) -> Event:
    """A type that nobody knows yet is one of a kind that is not mirrored: the others of its delivery count."""
    known = CLOUD_TYPE.fullmatch(event.type)
    entity = find_entity(re.sub(r"[^A-Za-z]", "", known.group(1))) if known else None
    operation = known.group(2).lower() if known else ""
    return Event(event.id[:150], event.realm_id, entity, event.entity_id, operation, _deleted_id(event.data))


def _deleted_id(data: object) -> str | None:
    found = {str(key).lower(): value for key, value in data.items()} if isinstance(data, dict) else {}
    gone = found.get("deletedid")
    return gone if isinstance(gone, str) else None


def _older(body: _Older) -> list[Event]:
    """These carry no id of their own: what happened to what, and when, is one."""
    return [
        Event(
            _digest(notification.realm_id, one.name, one.id, one.operation, one.updated, one.deleted_id or ""),
            notification.realm_id,
            find_entity(one.name),
            one.id,
            PAST.get(one.operation.lower(), one.operation.lower()),
            one.deleted_id,
        )
        for notification in body.notifications
        for one in notification.event.entities
    ]


PAST = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
    "emailed": "emailed",
}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
