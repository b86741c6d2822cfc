"""What Intuit's faults mean to us, however they come: in two spellings, as JSON, XML or HTML, or inside a 200."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kit.errors import Busy, FaultDetail, VendorFault

PAUSE_S = 60.0  # Intuit sends no Retry-After; its documents say a minute. A gateway in between may send one
LONGEST_PAUSE_S = 3600.0
CODE_IN_TEXT = re.compile(r"(?:errorCode=|<Error\b[^>]*?\bcode=[\"'])0*(\d{1,6})", re.IGNORECASE)
MESSAGE_IN_XML = re.compile(r"<(?:Detail|Message)>([^<]{1,300})", re.IGNORECASE)
NAMED = re.compile(rb"[\"<](?:fault|errors)\b", re.IGNORECASE)
ADOPTED = re.compile(r"TxnId=(\d{1,30})")


@dataclass(frozen=True, slots=True)
class Fault:
    """`text` is the vendor's own: for matching, never for people or logs."""

    status: int
    code: int | None
    kind: str
    text: str
    reference: str | None
    retry_after: float | None = None

    @property
    def detail(self) -> FaultDetail:
        return FaultDetail("intuit", str(self.code or self.status), self.reference)


class QboFault(VendorFault):
    """QuickBooks understood and refused. `code` is Intuit's, or the HTTP status."""

    def __init__(self, reason: str, fault: Fault) -> None:
        super().__init__(reason, fault.detail)
        self.fault = fault


class TokenRejected(QboFault):
    """The access token is not valid (any more): refresh once."""


class AccessLost(QboFault):
    """The connection itself is gone: a person must connect again."""


class ObjectGone(QboFault):
    """The record was deleted."""


class StaleObject(QboFault):
    """Somebody changed the record first: re-read, decide again."""


class Throttled(Busy):
    """Too many requests: the whole company pauses."""


class Unavailable(Busy):
    """QuickBooks has a bad moment. `slow` when it was given too much to do in one request."""

    def __init__(self, reason: str, *, retry_after: float, reference: str | None, slow: bool = False) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.reference = reference
        self.slow = slow


class MalformedAnswer(Unavailable):
    """The answer is not what the API promises: cut off, a page of a gateway. Nothing of it was used."""

    def __init__(self, reference: str | None) -> None:
        super().__init__(UNREADABLE, retry_after=120, reference=reference)


UNREADABLE = "QuickBooks sent an answer that could not be read; nothing of it was used."
GONE = "The record is no longer in QuickBooks."
STALE = "Somebody changed the record in QuickBooks at the same moment."
RIGHTS = "The person who connected QuickBooks no longer has access to this company."
SEVERED = "QuickBooks no longer lets Runway into this company."
SUBSCRIPTION = "The QuickBooks subscription of this company has ended."
CLOSED = "The books are closed for that date."
RULE = "QuickBooks refused the change by one of its own rules."
OURS = "QuickBooks did not understand a request of ours."
REASONS: dict[int, tuple[type[QboFault], str]] = {
    120: (AccessLost, RIGHTS),
    610: (ObjectGone, GONE),
    3100: (AccessLost, SEVERED),
    3200: (TokenRejected, "QuickBooks did not accept the access token."),
    5010: (StaleObject, STALE),
    5020: (QboFault, RIGHTS),
    6000: (QboFault, RULE),
    6190: (AccessLost, SUBSCRIPTION),
    6210: (QboFault, CLOSED),
}
BY_STATUS: dict[int, tuple[type[QboFault], str]] = {
    401: (TokenRejected, "QuickBooks did not accept the access token."),
    403: (AccessLost, SEVERED),
    404: (ObjectGone, GONE),
}
THROTTLED = 3001
SYSTEM = 10000
SLOW_STATUS = frozenset({408, 504})
# Something in between answered in place of QuickBooks: that is nobody's refusal.
A_PAGE = "page"
REFUSALS = frozenset({401, 403, 404})


def error_of(fault: Fault) -> Busy | QboFault:
    """The retry table: what a caller should do is the class of the error."""
    if fault.status == 429 or fault.code == THROTTLED or "ThrottleExceeded" in fault.text:
        return Throttled("QuickBooks asked us to slow down.", retry_after=fault.retry_after or PAUSE_S)
    kind, reason = REASONS.get(fault.code or 0, (None, ""))
    if kind is None and _is_passing(fault):
        slow = fault.status in SLOW_STATUS
        pause = fault.retry_after or 2
        return Unavailable("QuickBooks has a problem.", retry_after=pause, reference=fault.reference, slow=slow)
    if kind is None:
        kind, reason = BY_STATUS.get(fault.status, (QboFault, OURS))
    return kind(reason, fault)


def _is_passing(fault: Fault) -> bool:
    if fault.kind == A_PAGE and fault.status in REFUSALS:
        return True
    return fault.status >= 500 or fault.status == 408 or fault.code == SYSTEM or fault.kind == "systemfault"


def find_fault(status: int, headers: Mapping[str, str], body: bytes) -> Fault | None:
    """None for an answer that is none. A 200 is parsed only when a fault's name stands near its start."""
    reference, pause = headers.get("intuit_tid"), _pause(headers.get("retry-after", ""))
    if status == 200 and not NAMED.search(body, 0, 2000):
        return None
    found = _in_json(body) if body.lstrip()[:1] in b"{[" else _in_text(body)
    if found is None:
        kind = A_PAGE if body.lstrip()[:1] == b"<" else ""
        return None if status == 200 else Fault(status, None, kind, "", reference, pause)
    code, kind, text = found
    return Fault(status, code, kind.lower(), text, reference, pause)


def _pause(written: str) -> float | None:
    """Whole seconds, at least one and at most an hour; a date instead is as good as nothing said."""
    seconds = float(written) if written.isascii() and written.isdigit() else 0
    return min(seconds, LONGEST_PAUSE_S) or None


def fault_of_item(item: Mapping[str, Any], reference: str | None) -> Fault | None:
    """The fault of one item of a batch whose answer as a whole is a 200."""
    raw = item.get("Fault") or item.get("fault")
    fault = None if raw is None else msgspec.json.decode(bytes(raw))
    if not isinstance(fault, dict):
        return None
    code, kind, text = _told(fault)
    return Fault(200, code, kind.lower(), text, reference)


def adopted_id(fault: Fault) -> str | None:
    """The record that already has what we tried to create (code 6140)."""
    found = ADOPTED.search(fault.text)
    return found.group(1) if found else None


def _in_json(body: bytes) -> tuple[int | None, str, str] | None:
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return _in_text(body)
    if not isinstance(answer, dict):
        return None
    lowered = {str(key).lower(): value for key, value in answer.items()}
    fault = lowered.get("fault")
    if isinstance(fault, dict):
        return _told(fault)
    return _told({"error": lowered["errors"]}) if lowered.get("errors") else None


def _told(fault: Mapping[str, Any]) -> tuple[int | None, str, str]:
    lowered = {str(key).lower(): value for key, value in fault.items()}
    errors = lowered.get("error") or [{}]
    first = errors[0] if isinstance(errors, list) else errors
    first = {str(key).lower(): value for key, value in first.items()} if isinstance(first, dict) else {}
    text = f"{first.get('message') or ''} {first.get('detail') or ''}".strip()
    return _code(first.get("code"), text), str(lowered.get("type") or ""), text


def _code(written: object, text: str) -> int | None:
    """Leading zeros mean nothing; some faults carry the code in their text only."""
    if isinstance(written, str | int) and str(written).isdigit():
        return int(written)
    found = CODE_IN_TEXT.search(text)
    return int(found.group(1)) if found else None


def _in_text(body: bytes) -> tuple[int | None, str, str] | None:
    text = body[:20_000].decode(errors="replace")
    if "<Fault" not in text and "<fault" not in text:
        return None
    message = " ".join(MESSAGE_IN_XML.findall(text))
    found = CODE_IN_TEXT.search(text)
    kind = "systemfault" if "SystemFault" in text else ""
    return int(found.group(1)) if found else None, kind, message
