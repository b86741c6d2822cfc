"""Collects what is wrong with a payload, worded and located the way Slack does it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

JsonObject = dict[str, Any]


@dataclass(slots=True)
class Problems:
    """`surface` is message, modal or home; `found` keeps (text, JSON pointer)."""

    surface: str
    found: list[tuple[str, str]] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    markdown_length: int = 0
    cell_length: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, message: str, at: str) -> None:
        self.found.append((message, at))

    @property
    def messages(self) -> list[str]:
        return [f"{message} [json-pointer:{at}]" for message, at in self.found]

    def count(self, kind: str) -> int:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.counts[kind]

    def string(self, holder: JsonObject, key: str, at: str, limit: int, *, required: bool = False) -> None:
        value = holder.get(key)
        if value is None:
            if required:
                self.add(f"missing required field: {key}", at)
            return
        if not isinstance(value, str):
            self.add("must be a string", f"{at}/{key}")
        elif len(value) > limit:
            self.add(f"must be less than {limit + 1} characters", f"{at}/{key}")
        elif required and not value:
            self.add("must be more than 0 characters", f"{at}/{key}")

    def url(self, holder: JsonObject, key: str, at: str, *, required: bool = False) -> None:
        self.string(holder, key, at, 3000, required=required)
        value = holder.get(key)
        if isinstance(value, str) and urlsplit(value).scheme not in {"http", "https", "mailto", "slack", "tel"}:
            self.add("invalid url", f"{at}/{key}")

    def choice(
        self, holder: JsonObject, key: str, at: str, allowed: tuple[str, ...], *, required: bool = False
    ) -> None:
        value = holder.get(key)
        if value is None and not required:
            return
        if value not in allowed:
            self.add(f"must be a valid enum value ({', '.join(allowed)})", f"{at}/{key}")

    def boolean(self, holder: JsonObject, key: str, at: str) -> None:
        if key in holder and not isinstance(holder[key], bool):
            self.add("must be a boolean", f"{at}/{key}")

    def objects(self, holder: JsonObject, key: str, at: str, low: int, high: int) -> list[tuple[JsonObject, str]]:
        """The items of a list field that are objects, each with its pointer; sizes outside low..high are reported."""
        items = holder.get(key)
        if items is None and low == 0:
            return []
        where = f"{at}/{key}"
        if not isinstance(items, list):
            self.add("must be an array" if key in holder else f"missing required field: {key}", where)
            return []
        if len(items) > high:
            self.add(f"no more than {high} items allowed", where)
        if len(items) < low:
            self.add(f"no fewer than {low} items allowed", where)
        return [
            (one, f"{where}/{n}") for n, one in enumerate(items[: high + 1]) if self._is_object(one, f"{where}/{n}")
        ]

    def child(self, holder: JsonObject, key: str, at: str, *, required: bool = False) -> JsonObject | None:
        value = holder.get(key)
        if value is None:
            if required:
                self.add(f"missing required field: {key}", at)
            return None
        return value if self._is_object(value, f"{at}/{key}") else None

    def known_keys(self, holder: JsonObject, allowed: frozenset[str], at: str) -> None:
        for key in holder.keys() - allowed:
            self.add(f"invalid additional property: {key}", at)

    def _is_object(self, value: object, at: str) -> bool:
        if isinstance(value, dict):
            return True
        self.add("must be an object", at)
        return False
