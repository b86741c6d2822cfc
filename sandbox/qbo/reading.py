"""Reads: query pages, change data capture, single documents."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sandbox.books import writes
from sandbox.books.company import Company, Row
from sandbox.books.entities import ENTITIES, Entity, find_entity
from sandbox.books.faults import BookFault, missing_parameter, unsupported_operation
from sandbox.books.values import encode, read_instant
from sandbox.qbo import selection
from sandbox.qbo.statements import Statement, parse, validation_fault
from sandbox.qbo.wire import Answer, document, ending, envelope, fault_answer, join

CDC_LIMIT = 1000
CDC_DAYS = 30


def query(company: Company, text: str, now: datetime) -> Answer:
    """Raises BookFault for a statement QuickBooks would refuse; a missing one is a fault inside a 200."""
    if not text.strip():
        fault = BookFault(
            "10000",
            "An application error has occurred while processing your request",
            "Query is empty",
            kind="SystemFault",
            http=200,
        )
        return fault_answer(fault, now)
    statement = parse(text)
    body = query_response(company, statement, now)
    return Answer(body, reads=1, entity=statement.entity.name, detail=text[:400], tail=ending(now))


_KEPT = 256
_kept: WeakKeyDictionary[Company, dict[Statement, tuple[int, bytes]]] = WeakKeyDictionary()


def query_response(company: Company, statement: Statement, now: datetime) -> bytes:
    """`{"QueryResponse":…` without its end, as batch items begin too; the same bytes until the entity changes."""
    kept, version = _kept.setdefault(company, {}), company.versions[statement.entity.name]
    known = kept.get(statement)
    if known is not None and known[0] == version and not statement.of_today:
        return known[1]
    if len(kept) >= _KEPT:
        kept.clear()
    body = b'{"QueryResponse":' + _response(company, statement, now)
    kept[statement] = (version, body)
    return body


def _response(company: Company, statement: Statement, now: datetime) -> bytes:
    if statement.count:
        return b'{"totalCount":%d}' % selection.count(company, statement, now)
    rows = selection.select(company, statement, now)
    return page(statement.entity, rows, statement.start)


def page(entity: Entity, rows: Iterable[Row], start: int) -> bytes:
    """Rows with their counts; nothing at all, not even the key, when there are none.

    `maxResults` is the number of rows returned; so is `totalCount`, on the entities that carry it.
    """
    texts = [row.text for row in rows]
    if not texts:
        return b"{}"
    total = b',"totalCount":%d' % len(texts) if entity.counted else b""
    counts = b',"startPosition":%d,"maxResults":%d' % (start, len(texts))
    return b'{"' + entity.name.encode() + b'":[' + join(texts) + b"]" + counts + total + b"}"


def changes(company: Company, names: str, since_text: str, now: datetime, *, lenient: bool) -> Answer:
    """Everything changed since, at most 1,000 objects in all and never more than 30 days back."""
    entities = [_captured(name) for name in names.split(",") if name.strip()]
    if not entities:
        raise missing_parameter("entities")
    since = _since(since_text, now, lenient=lenient)
    left = CDC_LIMIT
    slots = []
    for entity in entities:
        rows = _changed(company, entity, since)[:left]
        left -= len(rows)
        slots.append(page(entity, rows, 1))
    body = b'{"CDCResponse":[{"QueryResponse":[' + join(slots) + b"]}]"
    return Answer(envelope(body, now), reads=1, entity=names, detail=since_text)


def _captured(name: str) -> Entity:
    entity = find_entity(name.strip())
    if entity is None or not entity.captured:
        raise validation_fault(f"entity {name.strip()} is not supported by change data capture")
    return entity


def _since(text: str, now: datetime, *, lenient: bool) -> datetime:
    if not text:
        raise missing_parameter("changedSince")
    try:
        since = read_instant(text)
    except ValueError:
        raise validation_fault(f"value {text} is not a valid DateTime") from None
    if since < now - timedelta(days=CDC_DAYS) and not lenient:
        raise validation_fault(f"changedSince {text} is more than {CDC_DAYS} days ago")
    return since


def _changed(company: Company, entity: Entity, since: datetime) -> list[Row]:
    """Newest first, deleted stubs among the living."""
    rows = selection.ordered(company, entity, "updated")
    # Stamps hold whole seconds: an instant within a second still sees what that second stamped later.
    bound = int(since.timestamp())
    alive = rows[bisect_left(rows, bound, key=lambda row: row.updated) :]
    gone = [row for row in company.tombstones[entity.name].values() if row.updated >= bound]
    return sorted([*alive, *gone], key=lambda row: row.updated, reverse=True)


def read(company: Company, entity: Entity, row_id: str, now: datetime) -> Answer:
    """Inactive names answer too, as recorded. Raises BookFault 610 or 2030."""
    doc = writes.read(company, entity.name, row_id)
    if entity.name == "Invoice":
        doc["InvoiceLink"] = f"https://connect.intuit.example/t/scs-v1-{company.realm}-{row_id}"
    return Answer(document(entity.name, encode(doc), now), reads=1, entity=entity.name, detail=row_id)


def single(company: Company, name: str, now: datetime) -> Answer:
    """CompanyInfo or Preferences: the only row there is."""
    rows = list(company.tables[name].values())
    if not rows:
        raise unsupported_operation(name)
    return Answer(document(name, rows[0].text, now), reads=1, entity=name)


def known_entity(name: str) -> Entity:
    """By the lower-case word of a path; raises BookFault 500 for anything else."""
    entity = find_entity(name)
    if entity is None or entity.name not in ENTITIES:
        raise unsupported_operation(f"Could not find resource for relative : /{name}")
    return entity
