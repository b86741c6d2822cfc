"""Answers of the API as they cross the wire: envelopes decoded, records left as the bytes they came in."""

import codecs
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from domains.documents import CashDoc, Id
from domains.qbo.entities import find_entity


class Unreadable(ValueError):
    """A page that is not what the API promises: none of it may be used."""


class Meta(Struct, frozen=True, gc=False):
    updated: datetime | None = field(name="LastUpdatedTime", default=None)


class Header(CashDoc, frozen=True, rename="pascal", gc=False):
    """The keys that become columns, of every kind of record at once; with those of cash, as both are read at once."""

    status: str | None = field(name="status", default=None)
    sync_token: str | None = None
    meta_data: Meta | None = None
    active: bool | None = None
    name: str | None = None
    display_name: str | None = None
    company_name: str | None = None
    fully_qualified_name: str | None = None
    file_name: str | None = None
    a_r_account_ref: Id | None = field(name="ARAccountRef", default=None)
    sales_term_ref: Id | None = None
    term_ref: Id | None = None
    parent_ref: Id | None = None
    account_type: str | None = None
    account_sub_type: str | None = None
    pay_type: str | None = None
    payment_type: str | None = None
    type: str | None = None
    doc_number: str | None = None
    due_date: date | None = None
    balance: Decimal | None = None
    home_balance: Decimal | None = None
    current_balance: Decimal | None = None
    unapplied_amt: Decimal | None = None
    remaining_credit: Decimal | None = None


class Page(Struct, frozen=True):
    """Rows by kind, and the moment at which QuickBooks answered."""

    rows: dict[str, list[Raw]]
    time: datetime | None
    total: int | None = None

    @property
    def answered(self) -> datetime:
        """The client sees to it that every page has one."""
        assert self.time is not None
        return self.time

    @property
    def size(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


class _Envelope(Struct, frozen=True):
    time: str | int | None = None
    query: dict[str, Raw] | None = field(name="QueryResponse", default=None)
    cdc: list[dict[str, Raw]] | None = field(name="CDCResponse", default=None)
    batch: list[dict[str, Raw]] | None = field(name="BatchItemResponse", default=None)


_envelope = msgspec.json.Decoder(_Envelope)
_rows = msgspec.json.Decoder(list[Raw])
_parts = msgspec.json.Decoder(list[dict[str, Raw]])
_object = msgspec.json.Decoder(dict[str, Raw])
_text = msgspec.json.Decoder(str)
_int = msgspec.json.Decoder(int, strict=False)
header_of = msgspec.json.Decoder(Header, strict=False).decode

COUNTERS = frozenset({"startPosition", "maxResults", "totalCount"})
CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_json = msgspec.json.Decoder(Raw)


def whole(body: bytes, content_type: str) -> bytes:
    """The answer as UTF-8 without a byte order mark, complete JSON from end to end. Raises `Unreadable`."""
    text = _in_utf8(body, content_type).removeprefix(codecs.BOM_UTF8)
    _decode(_json, text)
    return text


def _in_utf8(body: bytes, content_type: str) -> bytes:
    """Servers name an older charset and send UTF-8 all the same: the name counts only for what is not."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return _decoded(body, CHARSET.search(content_type))
    return body


def _decoded(body: bytes, charset: re.Match[str] | None) -> bytes:
    try:
        return body.decode(charset.group(1) if charset else "utf-8").encode()
    except (UnicodeError, LookupError):
        raise Unreadable("text in a charset that is none") from None


def read_page(body: bytes) -> Page:
    """A query's answer. Raises `Unreadable`."""
    envelope = _decode(_envelope, body)
    if envelope.query is None:
        raise Unreadable("a query's answer without QueryResponse")
    return Page(_rows_of(envelope.query), instant(envelope.time), _total(envelope.query))


def read_changes(body: bytes) -> Page:
    """An answer of change data capture: one part per kind of record, in any order."""
    envelope = _decode(_envelope, body)
    if envelope.cdc is None:
        raise Unreadable("an answer of change data capture without CDCResponse")
    rows: dict[str, list[Raw]] = {}
    for answer in envelope.cdc:
        if "QueryResponse" not in answer:
            raise Unreadable("a part of change data capture without QueryResponse")
        for part in _decode(_parts, bytes(answer["QueryResponse"])):
            for name, found in _rows_of(part).items():
                rows.setdefault(name, []).extend(found)
    return Page(rows, instant(envelope.time))


def read_batch(body: bytes) -> tuple[dict[str, dict[str, Raw]], datetime | None]:
    """The items of a batch by the id we gave them."""
    envelope = _decode(_envelope, body)
    if envelope.batch is None:
        raise Unreadable("a batch's answer without BatchItemResponse")
    items = {_decode(_text, bytes(item["bId"])): item for item in envelope.batch if "bId" in item}
    return items, instant(envelope.time)


def read_query_item(item: dict[str, Raw], time: datetime | None) -> Page:
    if "QueryResponse" not in item:
        raise Unreadable("a batched query's answer without QueryResponse")
    query = _decode(_object, bytes(item["QueryResponse"]))
    return Page(_rows_of(query), time, _total(query))


def read_one(body: bytes, name: str) -> Page:
    """A single read: `{"Bill": {…}, "time": …}`."""
    answer = _decode(_object, body)
    if name not in answer:
        raise Unreadable(f"an answer without {name}")
    return Page({name: [Raw(bytes(answer[name]))]}, instant(_decode(_envelope, body).time))


def _rows_of(query: dict[str, Raw]) -> dict[str, list[Raw]]:
    """Rows by kind. What stands beside them, such as warnings, is passed over; a fault never is."""
    if any(name.lower() == "fault" and bytes(raw) != b"null" for name, raw in query.items()):
        raise Unreadable("a fault in place of rows")
    return {
        name: _decode(_rows, bytes(raw))
        for name, raw in query.items()
        if name not in COUNTERS and (find_entity(name) or bytes(raw)[:1] == b"[")
    }


def _total(query: dict[str, Raw]) -> int | None:
    return _decode(_int, bytes(query["totalCount"])) if "totalCount" in query else None


def _decode(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not the JSON it should be ({type(error).__name__})") from None


def instant(written: str | int | None) -> datetime | None:
    """ISO 8601 with any offset, with or without its colon, down to nanoseconds; or milliseconds of the epoch."""
    if written is None or written == "":
        return None
    try:
        if isinstance(written, int):
            return datetime.fromtimestamp(written / 1000, UTC)
        parsed = datetime.fromisoformat(written)
    except (ValueError, OverflowError):
        raise Unreadable("a time that is none") from None
    if parsed.tzinfo is None:
        raise Unreadable("a time without its offset")
    return parsed.astimezone(UTC)
