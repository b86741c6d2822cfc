"""Everything that crossed the wire, both ways, kept for people and for tests."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

JsonObject = dict[str, Any]

KEPT = 20_000


@dataclass(slots=True)
class Entry:
    """`kind` is api, hook, upload or oauth for what came in; command, interaction, event or raw for what went out."""

    number: int
    at: float
    kind: str
    name: str
    team_id: str = ""
    user_id: str = ""
    ok: bool = True
    status: int = 0
    error: str = ""
    latency_ms: float = 0.0
    attempt: int = 0
    detail: JsonObject = field(default_factory=dict)


class Ledger:
    def __init__(self, now: Callable[[], float], on_entry: Callable[[Entry], None]) -> None:
        self._now = now
        self._on_entry = on_entry
        self._count = 0
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.bodies: dict[int, tuple[bytes, dict[str, str]]] = {}

    def open(self, kind: str, name: str, *, team_id: str = "", user_id: str = "", **detail: object) -> Entry:
        self._count += 1
        return Entry(self._count, self._now(), kind, name, team_id, user_id, detail=dict(detail))

    def close(self, entry: Entry) -> Entry:
        self.entries.append(entry)
        self._on_entry(entry)
        return entry

    def keep_body(self, number: int, body: bytes, headers: dict[str, str]) -> None:
        """The exact bytes of a delivery, so that it can be replayed."""
        self.bodies[number] = (body, headers)
        if len(self.bodies) > 500:
            self.bodies.pop(next(iter(self.bodies)))

    def select(self, *, kind: str = "", name: str = "", team_id: str = "", after: int = 0) -> list[JsonObject]:
        return [
            asdict(one)
            for one in self.entries
            if one.number > after
            and (not kind or one.kind == kind)
            and (not name or one.name == name)
            and (not team_id or one.team_id == team_id)
        ]

    def clear(self) -> None:
        self.entries.clear()
        self.bodies.clear()
