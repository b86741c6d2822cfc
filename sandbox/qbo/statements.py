"""The query language: text in, statement out, with the faults QuickBooks gives for what it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.books.entities import Entity, find_entity
from sandbox.books.faults import BookFault

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "IN", "LIKE"})


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` are texts as written, booleans and CURRENT_DATE in upper case; more than one only with IN."""

    path: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed SELECT. `start` is 1-based; `limit` is already clamped to 1,000."""

    entity: Entity
    count: bool
    where: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    limit: int

    @property
    def of_today(self) -> bool:
        return any("CURRENT_DATE" in condition.values for condition in self.where)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<operator><=|>=|=|<|>|\*|,|\(|\))
    )""",
    re.VERBOSE | re.DOTALL,
)


def parse_fault(detail: str) -> BookFault:
    return BookFault("4000", "Error parsing query", f"QueryParserError: {detail}", element=None)


def validation_fault(detail: str) -> BookFault:
    return BookFault("4001", "Invalid query", f"QueryValidationError: {detail}", element=None)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise parse_fault(f'Encountered "{text[position : position + 12].strip()}" at column {position + 1}.')
        yield _Token(str(match.lastgroup), match.group(str(match.lastgroup)), match.start(str(match.lastgroup)))
        position = match.end()
    yield _Token("end", "<EOF>", end)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def statement(self) -> Statement:
        self._word("SELECT")
        count = self._projection()
        self._word("FROM")
        name = self._take("word").text
        entity = find_entity(name)
        if entity is None:
            raise validation_fault(f"invalid context declaration: {name}")
        where = self._where(entity) if self._skip("WHERE") else ()
        order, start, limit = self._tail(entity)
        self._take("end")
        return Statement(entity, count, where, order, start, limit)

    def _projection(self) -> bool:
        if self._is_word("COUNT"):
            self._at += 1
            for expected in "(*)":
                self._operator(expected)
            return True
        while True:
            if self._peek().text == "*":
                self._at += 1
            else:
                self._take("word")
            if self._peek().text != ",":
                return False
            self._at += 1

    def _where(self, entity: Entity) -> tuple[Condition, ...]:
        conditions = [self._condition(entity)]
        while self._skip("AND"):
            conditions.append(self._condition(entity))
        return tuple(conditions)

    def _condition(self, entity: Entity) -> Condition:
        token = self._take("word")
        path = canonical(entity, token.text)
        operator = self._peek().text.upper()
        if operator not in OPERATORS:
            raise self._unexpected()
        self._at += 1
        if path == "Id" and operator not in {"=", "IN"}:
            raise validation_fault(f"operator {operator} is not supported for property Id")
        values = self._list() if operator == "IN" else (self._value(),)
        return Condition(path, operator, values)

    def _list(self) -> tuple[str, ...]:
        self._operator("(")
        values = [self._value()]
        while self._peek().text == ",":
            self._at += 1
            values.append(self._value())
        self._operator(")")
        return tuple(values)

    def _value(self) -> str:
        token = self._peek()
        if token.kind == "string":
            self._at += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.kind == "number" or token.text.upper() in {"TRUE", "FALSE", "CURRENT_DATE", "NULL"}:
            self._at += 1
            return token.text.upper()
        raise self._unexpected()

    def _tail(self, entity: Entity) -> tuple[tuple[tuple[str, bool], ...], int, int]:
        order: tuple[tuple[str, bool], ...] = ()
        start, limit = 1, DEFAULT_PAGE
        while self._peek().kind == "word":
            if self._skip("ORDERBY") or (self._is_word("ORDER") and self._order_by()):
                order = self._order(entity)
            elif self._skip("STARTPOSITION"):
                start = self._positive()
            elif self._skip("MAXRESULTS"):
                limit = min(self._positive(), LARGEST_PAGE)
            else:
                raise self._unexpected()
        return order, start, limit

    def _order_by(self) -> bool:
        self._word("ORDER")
        self._word("BY")
        return True

    def _order(self, entity: Entity) -> tuple[tuple[str, bool], ...]:
        order = []
        while True:
            path = canonical(entity, self._take("word").text)
            if path == "Id":
                raise validation_fault("property Id is not supported in the ORDERBY clause")
            descending = self._skip("DESC")
            if not descending:
                self._skip("ASC")
            order.append((path, descending))
            if self._peek().text != ",":
                return tuple(order)
            self._at += 1

    def _positive(self) -> int:
        token = self._take("number")
        if not token.text.isdigit():
            raise self._unexpected()
        if int(token.text) < 1:
            raise validation_fault(f"value {token.text} is too small. Min allowed value is 1")
        return int(token.text)

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _is_word(self, word: str) -> bool:
        token = self._peek()
        return token.kind == "word" and token.text.upper() == word

    def _skip(self, word: str) -> bool:
        if not self._is_word(word):
            return False
        self._at += 1
        return True

    def _word(self, word: str) -> None:
        if not self._skip(word):
            raise self._unexpected()

    def _operator(self, text: str) -> None:
        if self._peek().text != text:
            raise self._unexpected()
        self._at += 1

    def _take(self, kind: str) -> _Token:
        token = self._peek()
        if token.kind != kind:
            raise self._unexpected()
        self._at += 1
        return token

    def _unexpected(self) -> BookFault:
        token = self._peek()
        return parse_fault(
            f'Encountered " <{token.kind.upper()}> "{token.text} "" at line 1, column {token.position + 1}.'
        )


_METADATA = {"metadata.lastupdatedtime": "MetaData.LastUpdatedTime", "metadata.createtime": "MetaData.CreateTime"}


def canonical(entity: Entity, name: str) -> str:
    """The property as Intuit spells it; raises BookFault 4001 when it cannot be queried."""
    lowered = name.lower()
    if lowered == "id":
        return "Id"
    if lowered in _METADATA:
        return _METADATA[lowered]
    for known in entity.queryable:
        if known.lower() == lowered.removesuffix(".value"):
            return known
    raise validation_fault(f"Property {name} not found for Entity {entity.name}")


def parse(text: str) -> Statement:
    """Raises BookFault 4000 (grammar) or 4001 (names and values)."""
    return _Parser(text.strip().removesuffix(";")).statement()
