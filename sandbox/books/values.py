"""Shapes that every entity of Intuit's JSON shares: amounts, Pacific instants, references, documents as bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

Doc: TypeAlias = dict[str, Any]

PACIFIC = ZoneInfo("America/Los_Angeles")
CENT = Decimal("0.01")
ZERO = Decimal(0)

CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
}

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(doc: Any) -> bytes:
    return _encoder.encode(doc)


def decode(text: bytes | str) -> Any:
    """Numbers with a point become Decimal, never float."""
    return _decoder.decode(text)


def decimal(value: Any) -> Decimal:
    """A number of a document; missing counts as zero.

    Raises ValueError when the value is not a finite number.
    """
    if value is None or value == "":
        return ZERO
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error
    if not number.is_finite():
        raise ValueError(f"not a number: {value!r}")
    return number


def cents(value: Any) -> Decimal:
    return decimal(value).quantize(CENT, ROUND_HALF_UP)


def amount(value: Any) -> Decimal | int:
    """An amount as QuickBooks writes it: two decimals, and a bare 0."""
    return cents(value) or 0


def ref(value: str, name: str | None = None) -> Doc:
    return {"value": value} if name is None else {"value": value, "name": name}


def currency_ref(code: str) -> Doc:
    return ref(code, CURRENCY_NAMES.get(code, code))


def ref_value(doc: Doc, key: str) -> str | None:
    """The id a reference points at, or None when there is no such reference."""
    target = doc.get(key)
    if not isinstance(target, dict):
        return None
    value = target.get("value")
    return None if value in (None, "") else str(value)


def instant(at: datetime) -> str:
    """Whole seconds with the US Pacific offset of that day, as in MetaData."""
    return at.astimezone(PACIFIC).isoformat(timespec="seconds")


def envelope_time(at: datetime) -> str:
    """Milliseconds with the US Pacific offset, as in the `time` of every answer."""
    return at.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def read_instant(text: str) -> datetime:
    """An ISO instant as UTC; a naive one is company-local (Pacific), a bare date is its midnight.

    Raises ValueError when the text is no instant.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=PACIFIC)
    return at.astimezone(UTC)


def pacific_day(at: datetime) -> date:
    return at.astimezone(PACIFIC).date()


def day_at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a Pacific day, as UTC."""
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=PACIFIC)
    return local.astimezone(UTC)


def meta(created: datetime, updated: datetime | None = None) -> Doc:
    return {"CreateTime": instant(created), "LastUpdatedTime": instant(updated or created)}
