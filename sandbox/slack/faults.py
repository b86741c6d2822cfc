"""Trouble on request: the next calls of a method fail the way Slack and networks fail."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class FaultKind(StrEnum):
    RATELIMITED = "ratelimited"  # 429 with Retry-After
    HTTP = "http"  # an HTTP status with a JSON-less body
    HTML = "html"  # an HTML page where JSON belongs
    ERROR = "error"  # ok:false with a named error
    TIMEOUT = "timeout"  # no answer for `seconds`, the call is not carried out
    LATENCY = "latency"  # carried out, but `seconds` late
    DROP = "drop"  # carried out, then the connection is cut before any answer
    REFUSE = "refuse"  # the connection is cut, nothing was carried out


@dataclass(slots=True)
class Fault:
    method: str  # a Web API method, "response_url", "upload", or "*"
    kind: FaultKind
    times: int = 1  # -1: until cleared
    status: int = 500
    error: str = "internal_error"
    retry_after: int = 1
    seconds: float = 1.0
    team_id: str = ""
    channel: str = ""


class Faults:
    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.rejected_blocks: tuple[str, ...] = ()

    def add(self, spec: JsonObject) -> Fault:
        fault = Fault(**{**spec, "kind": FaultKind(spec["kind"])})
        self.rules.append(fault)
        return fault

    def reject_blocks(self, kinds: Sequence[str]) -> None:
        """Answers invalid_blocks to these block types, as a workspace that has not got them yet does."""
        self.rejected_blocks = tuple(kinds)

    def take(self, method: str, team_id: str = "", channel: str = "") -> Fault | None:
        for fault in self.rules:
            wanted = fault.method in {"*", method} and fault.team_id in {"", team_id}
            if wanted and fault.channel in {"", channel} and fault.times != 0:
                fault.times -= 1 if fault.times > 0 else 0
                self.rules = [one for one in self.rules if one.times != 0]
                return fault
        return None

    def clear(self) -> None:
        self.rules = []
        self.rejected_blocks = ()

    def list_all(self) -> JsonObject:
        return {"faults": [asdict(one) for one in self.rules], "reject_blocks": list(self.rejected_blocks)}


async def wait(fault: Fault) -> None:
    await asyncio.sleep(fault.seconds)
