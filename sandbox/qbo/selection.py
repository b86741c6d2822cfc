"""Runs a statement over a company: filters, orders and cuts pages without decoding what it need not."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from sandbox.books.company import Company, Row
from sandbox.books.entities import Entity, Kind
from sandbox.books.values import Doc, pacific_day, read_instant
from sandbox.qbo.statements import Condition, Statement, validation_fault

_UPDATED = "MetaData.LastUpdatedTime"
_SPANNED = frozenset({"<", ">", "<=", ">=", "="})
_Test = Callable[[Doc], bool]


class _Orders:
    """The rows of each entity in the two orders that everything starts from, until the entity changes."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._cached: dict[tuple[str, str], tuple[int, list[Row]]] = {}

    def rows(self, entity: Entity, order: str) -> list[Row]:
        version = self._company.versions[entity.name]
        cached = self._cached.get((entity.name, order))
        if cached is None or cached[0] != version:
            cached = (version, self._sorted(entity, order))
            self._cached[entity.name, order] = cached
        return cached[1]

    def _sorted(self, entity: Entity, order: str) -> list[Row]:
        rows = list(self._company.tables[entity.name].values())
        if order == "updated":
            return sorted(rows, key=lambda row: (row.updated, int(row.id)))
        names = {row.id: str(row.doc().get(entity.order_by, "")).encode() for row in rows}
        return sorted(rows, key=lambda row: names[row.id])


_orders: WeakKeyDictionary[Company, _Orders] = WeakKeyDictionary()


def ordered(company: Company, entity: Entity, order: str) -> list[Row]:
    """All rows oldest first ("updated") or by name ("name"). The list is shared: do not change it."""
    if company not in _orders:
        _orders[company] = _Orders(company)
    return _orders[company].rows(entity, order)


def select(company: Company, statement: Statement, now: datetime) -> list[Row]:
    """The rows of the page the statement asks for."""
    first = statement.start - 1
    return list(islice(_matching(company, statement, now), first, first + statement.limit))


def count(company: Company, statement: Statement, now: datetime) -> int:
    return sum(1 for _ in _matching(company, statement, now))


def _matching(company: Company, statement: Statement, now: datetime) -> Iterator[Row]:
    rows, where, reverse = _start(company, statement, now)
    where = _with_active(statement.entity, where)
    tests = [_test(statement.entity, condition, now) for condition in where]
    found = (row for row in (reversed(rows) if reverse else rows) if not tests or _passes(row, tests))
    rest = statement.order if not _ordered_by_update(statement) else ()
    if not rest:
        return found
    keyed = [(row, row.doc()) for row in found]
    for path, descending in reversed(rest):
        keyed.sort(key=lambda pair: _sort_key(lookup(pair[1], path)), reverse=descending)
    return iter([row for row, _ in keyed])


def _passes(row: Row, tests: list[_Test]) -> bool:
    doc = row.doc()
    return all(test(doc) for test in tests)


def _ordered_by_update(statement: Statement) -> bool:
    return len(statement.order) == 1 and statement.order[0][0] == _UPDATED


def _start(company: Company, statement: Statement, now: datetime) -> tuple[Sequence[Row], tuple[Condition, ...], bool]:
    """The cheapest list to begin with, the conditions left to test on it, and whether to walk it backwards."""
    entity, where = statement.entity, statement.where
    ids = next((condition for condition in where if condition.path == "Id"), None)
    if ids is not None:
        table = company.tables[entity.name]
        rows = [table[value] for value in dict.fromkeys(ids.values) if value in table]
        return rows, tuple(condition for condition in where if condition is not ids), False
    by_name = entity.kind is Kind.NAME_LIST and not statement.order
    if by_name:
        return ordered(company, entity, "name"), where, False
    rows = ordered(company, entity, "updated")
    times = [condition for condition in where if condition.path == _UPDATED and condition.operator in _SPANNED]
    low, high = 0, len(rows)
    for condition in times:
        bottom, top = _span(rows, condition, now)
        low, high = max(low, bottom), min(high, top)
    descending = statement.order[0][1] if _ordered_by_update(statement) else not statement.order
    return rows[low:high], tuple(condition for condition in where if condition not in times), descending


def _span(rows: list[Row], condition: Condition, now: datetime) -> tuple[int, int]:
    wanted = _instant(condition.values[0], now)
    moment = wanted.timestamp()
    left = bisect_left(rows, moment, key=lambda row: row.updated)
    right = bisect_right(rows, moment, key=lambda row: row.updated)
    spans = {">": (right, len(rows)), ">=": (left, len(rows)), "<": (0, left), "<=": (0, right), "=": (left, right)}
    return spans[condition.operator]


def _with_active(entity: Entity, where: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Inactive names are hidden unless the statement speaks of Active (or names the Id)."""
    if not entity.has_active or any(condition.path == "Active" for condition in where):
        return where
    return (*where, Condition("Active", "=", ("TRUE",)))


def lookup(doc: Doc, path: str) -> Any:
    """A property's value; of a reference its id, of an e-mail or phone its text."""
    node: Any = doc
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, dict):
        return node.get("value") or node.get("Address") or node.get("FreeFormNumber")
    return node


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, "")
    if isinstance(value, bool | int | Decimal):
        return (1, value)
    return (2, str(value))


def _test(entity: Entity, condition: Condition, now: datetime) -> _Test:
    path = condition.path
    if path.startswith("MetaData."):
        wanted = [_instant(value, now) for value in condition.values]
        return _compare(path, condition.operator, wanted, lambda value: read_instant(str(value)))
    if condition.operator == "LIKE":
        pattern = _like(condition.values[0])
        return lambda doc: pattern.fullmatch(str(lookup(doc, path) or "")) is not None
    plain = [_plain(value, now) for value in condition.values]
    return _compare_plain(entity, path, condition.operator, plain)


def _plain(value: str, now: datetime) -> str:
    return pacific_day(now).isoformat() if value == "CURRENT_DATE" else value


@lru_cache(maxsize=256)
def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("%"))), re.IGNORECASE | re.DOTALL)


def _instant(text: str, now: datetime) -> datetime:
    if text == "CURRENT_DATE":
        text = pacific_day(now).isoformat()
    try:
        return read_instant(text)
    except ValueError:
        raise validation_fault(f"value {text} is not a valid DateTime") from None


def _compare(path: str, operator: str, wanted: list[Any], read: Callable[[Any], Any]) -> _Test:
    def test(doc: Doc) -> bool:
        value = lookup(doc, path)
        return value is not None and _holds(read(value), operator, wanted)

    return test


def _compare_plain(entity: Entity, path: str, operator: str, wanted: list[str]) -> _Test:
    """Compares as the stored value's own type: number, truth value, or text regardless of case."""

    def test(doc: Doc) -> bool:
        value = lookup(doc, path)
        if value is None:
            return False
        if isinstance(value, bool):
            return _holds(str(value).upper(), operator, [text.upper() for text in wanted])
        if isinstance(value, int | Decimal):
            return _holds(value, operator, [_number(entity, path, text) for text in wanted])
        return _holds(str(value).casefold(), operator, [text.casefold() for text in wanted])

    return test


def _number(entity: Entity, path: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise validation_fault(f"value {text} is not a number for {entity.name}.{path}") from None


def _holds(value: Any, operator: str, wanted: list[Any]) -> bool:
    match operator:
        case "=" | "IN":
            return value in wanted
        case "<":
            return bool(value < wanted[0])
        case ">":
            return bool(value > wanted[0])
        case "<=":
            return bool(value <= wanted[0])
        case _:
            return bool(value >= wanted[0])
