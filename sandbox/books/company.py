"""One company's books as stored: every row as the bytes the API would return, deleted rows as stubs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.books.entities import ENTITIES, PEOPLE, TRANSACTIONS
from sandbox.books.values import Doc, decode, encode, instant, read_instant


class Row:
    """A stored document. The text is the truth; `updated` (epoch seconds) is kept beside it for ordering."""

    __slots__ = ("entity", "id", "text", "updated")

    def __init__(self, entity: str, row_id: str, text: bytes, updated: int) -> None:
        self.entity = entity
        self.id = row_id
        self.text = text
        self.updated = updated

    def doc(self) -> Doc:
        document: Doc = decode(self.text)
        return document


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a row; `operation` is Intuit's word (Create, Update, Delete, Merge, Void, Emailed)."""

    entity: str
    id: str
    operation: str
    at: datetime
    deleted_id: str | None = None


def _id_group(entity: str) -> str:
    if entity in TRANSACTIONS:
        return "transactions"
    return "names" if entity in PEOPLE else entity


def updated_at(doc: Doc) -> datetime:
    meta = doc.get("MetaData") or {}
    text = meta.get("LastUpdatedTime") or meta.get("CreateTime")
    return read_instant(text) if text else datetime(2000, 1, 1, tzinfo=UTC)


class Company:
    """The books of one realm. Only `put` and `drop` change them, so caches can trust `versions`.

    `structure` moves when an account appears or is renamed: what is looked up by type or name may then differ.
    """

    def __init__(self, realm: str, name: str, *, currency: str = "USD", multicurrency: bool = False) -> None:
        self.realm = realm
        self.name = name
        self.currency = currency
        self.multicurrency = multicurrency
        self.user_id = "9130357766900511"
        self.close_date: str | None = None
        self.extra_fields: Doc = {}
        self.notes: list[str] = []
        self.tables: dict[str, dict[str, Row]] = {entity: {} for entity in ENTITIES}
        self.tombstones: dict[str, dict[str, Row]] = {entity: {} for entity in ENTITIES}
        self.versions: dict[str, int] = dict.fromkeys(ENTITIES, 0)
        self.structure = 0
        self.listeners: list[Callable[[Change], None]] = []
        self._next_ids: dict[str, int] = {}

    def put(self, entity: str, doc: Doc) -> Row:
        row_id = str(doc["Id"])
        document = {**doc, **self.extra_fields} if self.extra_fields else doc
        row = self.tables[entity].get(row_id)
        updated = int(updated_at(doc).timestamp())
        if row is None:
            row = Row(entity, row_id, encode(document), updated)
            self.tables[entity][row_id] = row
            self.structure += entity == "Account"
        else:
            row.text, row.updated = encode(document), updated
        self.versions[entity] += 1
        return row

    def drop(self, entity: str, row_id: str, at: datetime, *, stub: bool = True) -> None:
        """Delete a row for good; with `stub`, change data capture keeps showing that it went."""
        del self.tables[entity][row_id]
        self.versions[entity] += 1
        if not stub:
            return
        document = {"domain": "QBO", "status": "Deleted", "Id": row_id, "MetaData": {"LastUpdatedTime": instant(at)}}
        self.tombstones[entity][row_id] = Row(entity, row_id, encode(document), int(at.timestamp()))

    def find(self, entity: str, row_id: str | None) -> Doc | None:
        row = self.tables[entity].get(row_id) if row_id is not None else None
        return row.doc() if row else None

    def get(self, entity: str, row_id: str) -> Doc:
        """Raises KeyError when there is no such row."""
        return self.tables[entity][row_id].doc()

    def docs(self, entity: str) -> Iterator[Doc]:
        return (row.doc() for row in list(self.tables[entity].values()))

    def next_id(self, entity: str) -> str:
        group = _id_group(entity)
        number = self._next_ids.get(group, 0) + 1
        self._next_ids[group] = number
        return str(number)

    def next_number(self, series: str) -> str:
        """The next document number of a series (sales forms, checks); they start where a small company's do."""
        number = self._next_ids.get(series, 1000) + 1
        self._next_ids[series] = number
        return str(number)

    def start_numbers(self, series: str, after: int) -> None:
        self._next_ids[series] = max(self._next_ids.get(series, 0), after)

    def start_ids(self, entity: str, after: int) -> None:
        """Hand out ids above `after` for the entity's group from now on."""
        group = _id_group(entity)
        self._next_ids[group] = max(self._next_ids.get(group, 0), after)

    def announce(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)


def touch(doc: Doc, at: datetime, *, bump: bool) -> None:
    """Move LastUpdatedTime, and with `bump` the SyncToken too.

    Balances of names move the first without the second; transactions move both.
    """
    doc.setdefault("MetaData", {})["LastUpdatedTime"] = instant(at)
    if bump:
        doc["SyncToken"] = str(int(doc.get("SyncToken", "0")) + 1)
