"""Keeps a result as JSON and brings it back as the very same value: the digest of every week can be shown again.

Dataclasses carry their name, so that a figure and the named reason for its absence are told apart. A field that a
stored payload does not know yet takes its default; one that this version does not know any more is dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

TAG = "is"
PLAIN = (str, int, bool, NoneType)
TEXTS: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    UUID: (str, UUID),
}


class NotReadable(ValueError):
    """A stored payload that this version cannot bring back."""


def dump(value: object) -> Any:
    """Plain JSON. Raises `TypeError` for what a result must not hold (a float, a row)."""
    if isinstance(value, Enum):
        return value.value
    if type(value) in TEXTS:
        return TEXTS[type(value)][0](value)
    if is_dataclass(value) and not isinstance(value, type):
        return {TAG: type(value).__name__} | {one.name: dump(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | frozenset):
        return [dump(item) for item in value]
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f"a payload does not hold {type(value).__name__}")


def load(data: Any, kind: Any) -> Any:
    """The value that `dump` wrote, of the annotated type. Raises `NotReadable`."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _load_one_of(data, get_args(kind))
    if origin is tuple:
        return tuple(load(item, get_args(kind)[0]) for item in data)
    if origin is frozenset:
        return frozenset(load(item, get_args(kind)[0]) for item in data)
    if is_dataclass(kind) and isinstance(kind, type):
        return _load_record(data, kind)
    return _load_scalar(data, kind)


def _load_scalar(data: Any, kind: Any) -> Any:
    try:
        if kind in TEXTS:
            return TEXTS[kind][1](data)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(data)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise NotReadable(f"not a {kind.__name__}") from error
    if isinstance(kind, type) and isinstance(data, kind):
        return data
    raise NotReadable(f"not a {kind}")


def _load_record(data: Any, kind: type) -> Any:
    if not isinstance(data, Mapping) or data.get(TAG) != kind.__name__:
        raise NotReadable(f"not a {kind.__name__}")
    hints = get_type_hints(kind)
    known = {one.name: load(data[one.name], hints[one.name]) for one in fields(kind) if one.name in data}
    try:
        return kind(**known)
    except TypeError as error:
        raise NotReadable(f"{kind.__name__} has grown") from error


def _load_one_of(data: Any, kinds: tuple[Any, ...]) -> Any:
    """The member whose tag fits; text is read as the first scalar that takes it."""
    if data is None and NoneType in kinds:
        return None
    for kind in kinds:
        try:
            return load(data, kind)
        except NotReadable:
            continue
    raise NotReadable("none of the possible kinds fits")
