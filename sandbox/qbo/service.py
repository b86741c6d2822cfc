"""From a path under `/v3/company/{realm}/` to the answer of the accounting service."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesParser

from sandbox.books.company import Company
from sandbox.books.entities import find_entity
from sandbox.books.faults import unsupported_operation
from sandbox.books.values import Doc
from sandbox.qbo import reading, reports, writing
from sandbox.qbo.state import QboSandbox
from sandbox.qbo.wire import Answer

_FROM = re.compile(r"\bFROM\s+([A-Za-z]+)", re.IGNORECASE)


@dataclass(slots=True)
class Call:
    """One request, sorted: which endpoint it is for and which entity it is about."""

    method: str
    endpoint: str
    entity: str
    parts: list[str]
    params: dict[str, str]
    body: bytes
    content_type: str = ""
    accepts_gzip: bool = False
    pages_served: list[str] = field(default_factory=list)


def classify(method: str, rest: str, params: dict[str, str], body: bytes) -> Call:
    parts = [part for part in rest.split("/") if part]
    head = parts[0].lower() if parts else ""
    fixed = {
        "query": "query",
        "cdc": "cdc",
        "batch": "batch",
        "companyinfo": "companyinfo",
        "preferences": "preferences",
        "reports": "report",
        "upload": "upload",
    }
    endpoint = fixed.get(head)
    if endpoint is None or (method == "POST" and head in {"companyinfo", "preferences"}):
        endpoint = "write" if method == "POST" else "read"
    known = find_entity(head)
    entity = known.name if known else head
    if endpoint == "query":
        entity = _queried(params.get("query") or body.decode(errors="replace"))
    return Call(method, endpoint, entity, parts, params, body)


def _queried(text: str) -> str:
    match = _FROM.search(text)
    known = find_entity(match.group(1)) if match else None
    return known.name if known else ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What answering one call takes. `throttle_item`: the batch item that is to fail, if any."""

    sandbox: QboSandbox
    company: Company
    call: Call
    now: datetime
    throttle_item: int | None = None


def perform(
    sandbox: QboSandbox, company: Company, call: Call, now: datetime, *, throttle_item: int | None = None
) -> Answer:
    """Raises BookFault for what the service refuses."""
    return _ENDPOINTS[call.endpoint](Desk(sandbox, company, call, now, throttle_item))


def _query(desk: Desk) -> Answer:
    desk.call.pages_served.append(desk.call.entity)
    text = desk.call.params.get("query") or desk.call.body.decode(errors="replace")
    return reading.query(desk.company, text, desk.now)


def _cdc(desk: Desk) -> Answer:
    params = desk.call.params
    names, since = params.get("entities", ""), params.get("changedSince", "")
    return reading.changes(desk.company, names, since, desk.now, lenient=desk.sandbox.lenient_cdc)


def _report(desk: Desk) -> Answer:
    name = desk.call.parts[1] if len(desk.call.parts) > 1 else ""
    return reports.report(desk.company, name, desk.call.params, desk.now)


def _read(desk: Desk) -> Answer:
    parts = desk.call.parts
    if len(parts) != 2:
        path = f"/v3/company/{desk.company.realm}/{'/'.join(parts)}"
        raise unsupported_operation(f"Could not find resource for relative : {path}")
    return reading.read(desk.company, reading.known_entity(parts[0]), parts[1], desk.now)


def _write(desk: Desk) -> Answer:
    call, company, now = desk.call, desk.company, desk.now
    entity = reading.known_entity(call.parts[0] if call.parts else "")
    if len(call.parts) == 3 and call.parts[2].lower() == "send":
        recipient = call.params.get("sendTo") or call.params.get("sendto")
        return _once(desk, lambda: writing.send(company, entity, call.parts[1], recipient, now))
    if len(call.parts) != 1:
        raise unsupported_operation("/".join(call.parts))
    payload = writing.parse_body(call.body)
    return _once(desk, lambda: writing.write(company, entity, call.params, payload, now))


def _once(desk: Desk, work: Callable[[], Answer]) -> Answer:
    return desk.sandbox.replays.once(desk.company.realm, desk.call.params.get("requestid"), work)


def _batch(desk: Desk) -> Answer:
    payload = writing.parse_body(desk.call.body)
    for item in payload.get("BatchItemRequest") or ():
        if "Query" in item:
            desk.call.pages_served.append(_queried(str(item["Query"])))
    return _once(desk, lambda: writing.batch(desk.company, payload, desk.now, throttle_item=desk.throttle_item))


def _files(call: Call) -> list[tuple[Doc, int]]:
    """Pairs of `file_metadata_NN` and `file_content_NN` of a multipart body."""
    message = BytesParser().parsebytes(b"Content-Type: " + call.content_type.encode() + b"\r\n\r\n" + call.body)
    if not message.is_multipart():
        raise unsupported_operation("upload without multipart body")
    metadata: dict[str, Doc] = {}
    sizes: dict[str, int] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if name.startswith("file_metadata_"):
            metadata[name.removeprefix("file_metadata_")] = writing.parse_body(content)
        elif name.startswith("file_content_"):
            sizes[name.removeprefix("file_content_")] = len(content)
    return [(metadata.get(key, {}), size) for key, size in sizes.items()]


_ENDPOINTS: dict[str, Callable[[Desk], Answer]] = {
    "query": _query,
    "cdc": _cdc,
    "batch": _batch,
    "companyinfo": lambda desk: reading.single(desk.company, "CompanyInfo", desk.now),
    "preferences": lambda desk: reading.single(desk.company, "Preferences", desk.now),
    "report": _report,
    "upload": lambda desk: writing.upload(desk.company, _files(desk.call), desk.now),
    "write": _write,
    "read": _read,
}
