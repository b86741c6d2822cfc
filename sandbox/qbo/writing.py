"""Writes over the wire: operations in the query string, replays by requestid, batches and uploads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

import msgspec

from sandbox.books import writes
from sandbox.books.company import Company
from sandbox.books.entities import Entity, find_entity
from sandbox.books.faults import BookFault, business_rule, invalid_id, unsupported_operation
from sandbox.books.values import Doc, decode, encode, meta
from sandbox.qbo.reading import query_response
from sandbox.qbo.statements import parse
from sandbox.qbo.wire import Answer, document, envelope, fault_doc, join, throttle_fault

BATCH_LIMIT = 30
_RESERVED = frozenset({"bId", "operation", "optionsData", "Query"})


@dataclass(slots=True)
class Replays:
    """First answers by (realm, requestid): a repeated request gets the same answer, not a second object."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def once(self, realm: str, request_id: str | None, work: Callable[[], Answer]) -> Answer:
        if not request_id:
            return work()
        if len(request_id) > 50:
            raise invalid_id(request_id)
        key = (realm, request_id)
        if key not in self.answers:
            self.answers[key] = work()
        return self.answers[key]


def parse_body(body: bytes) -> Doc:
    """Raises BookFault: bytes that are no UTF-8 are an "Unsupported Operation", other garbage is 2010."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise unsupported_operation("non UTF-8 body") from None
    try:
        payload = decode(text)
    except (msgspec.DecodeError, InvalidOperation):
        raise _not_a_document() from None
    if not isinstance(payload, dict):
        raise _not_a_document()
    return payload


def _not_a_document() -> BookFault:
    return BookFault(
        "2010", "Request has invalid or unsupported property", "The body is not a JSON object", element=None
    )


def write(company: Company, entity: Entity, params: Mapping[str, str], payload: Doc, now: datetime) -> Answer:
    """One write; raises BookFault when refused."""
    stored = _perform(company, entity, _operation(params, payload), payload, now, include=params.get("include", ""))
    return Answer(document(entity.name, encode(stored), now), entity=entity.name, detail=str(stored.get("Id", "")))


def _operation(params: Mapping[str, str], payload: Doc) -> str:
    operation = params.get("operation", "").lower()
    if operation == "update" and params.get("include", "").lower() == "void":
        return "void"
    return operation or ("update" if payload.get("Id") else "create")


def _perform(
    company: Company, entity: Entity, operation: str, payload: Doc, now: datetime, *, include: str = ""
) -> Doc:
    twice = "allowduplicatedocnum" in include.lower()
    match operation:
        case "create" if entity.name == "Attachable":
            return _attach(company, payload, now)
        case "create":
            return writes.create(company, entity.name, payload, now, allow_duplicate_number=twice)
        case "update":
            return writes.update(company, entity.name, payload, now, allow_duplicate_number=twice)
        case "delete":
            return writes.delete(company, entity.name, payload, now)
        case "void":
            return writes.void(company, entity.name, payload, now)
        case "send":
            return writes.send(company, entity.name, str(payload.get("Id") or ""), None, now)
        case _:
            raise unsupported_operation(operation)


def send(company: Company, entity: Entity, row_id: str, recipient: str | None, now: datetime) -> Answer:
    sent = writes.send(company, entity.name, row_id, recipient, now)
    return Answer(document(entity.name, encode(sent), now), entity=entity.name, detail=row_id)


def batch(company: Company, payload: Doc, now: datetime, *, throttle_item: int | None = None) -> Answer:
    """Up to 30 independent items, always 200; each has its own result or Fault.

    `throttle_item`: the position of an item that fails with ThrottleExceeded. Every query counts as one read.
    """
    items = payload.get("BatchItemRequest")
    if not isinstance(items, list):
        raise _not_a_document()
    if len(items) > BATCH_LIMIT:
        raise business_rule(f"A batch takes at most {BATCH_LIMIT} items, this one has {len(items)}")
    parts = []
    for position, item in enumerate(items):
        refused = throttle_fault() if position == throttle_item else None
        parts.append(_item(company, item, now, refused))
    reads = sum("Query" in item for item in items)
    body = b'{"BatchItemResponse":[' + join(parts) + b"]"
    return Answer(envelope(body, now), reads=reads, entity="Batch", detail=f"{len(items)} items")


def _item(company: Company, item: Doc, now: datetime, refused: BookFault | None) -> bytes:
    mark = b',"bId":' + encode(item.get("bId")) + b"}"
    try:
        if refused:
            raise refused
        return _item_result(company, item, now) + mark
    except BookFault as fault:
        return b'{"Fault":' + encode(fault_doc(fault)) + mark


def _item_result(company: Company, item: Doc, now: datetime) -> bytes:
    if "Query" in item:
        return query_response(company, parse(str(item["Query"])), now)
    name = next((key for key in item if key not in _RESERVED), "")
    entity = find_entity(name)
    if entity is None:
        raise unsupported_operation(name or "empty batch item")
    options = str(item.get("optionsData", ""))
    operation = str(item.get("operation", "")).lower()
    stored = _perform(company, entity, operation, item[name], now, include=options)
    return b'{"' + entity.name.encode() + b'":' + encode(stored)


def _attach(company: Company, payload: Doc, now: datetime) -> Doc:
    """A note or a link to a document; ids of attachables have 19 digits."""
    for link in payload.get("AttachableRef", ()):
        target = link.get("EntityRef") or {}
        if company.find(str(target.get("type")), str(target.get("value"))) is None:
            raise business_rule(
                f"The entity {target.get('type')} {target.get('value')} that you are trying to link "
                f"does not exist. {target.get('type')} {target.get('value')}"
            )
    row_id = str(5_000_000_000_000_503_624 + len(company.tables["Attachable"]))
    place = f"/v3/company/{company.realm}/download/{row_id}"
    doc: Doc = {
        **payload,
        "FileAccessUri": place,
        "TempDownloadUri": f"https://files.intuit.example{place}",
        "domain": "QBO",
        "sparse": False,
        "Id": row_id,
        "SyncToken": "0",
        "MetaData": meta(now),
    }
    company.put("Attachable", doc)
    return doc


def upload(company: Company, files: list[tuple[Doc, int]], now: datetime) -> Answer:
    """Metadata and size of each file; 200 even when an item is refused."""
    items: list[dict[str, Any]] = []
    for metadata, size in files:
        try:
            items.append({"Attachable": _attach(company, {**metadata, "Size": size}, now)})
        except BookFault as fault:
            items.append({"Fault": fault_doc(fault)})
    return Answer(envelope(b'{"AttachableResponse":' + encode(items), now), entity="Attachable")
