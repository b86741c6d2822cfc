"""The facts of an audit entry as people say them: amounts with their currency, days as dates, people by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from kit.clock import format_date
from kit.money import Money, format_money

# Fingerprints, counters and what the action itself says already; the digest's settings (a dict) are none of these.
UNSPOKEN: Final = frozenset(
    {"digest", "token", "judged", "bill", "currency", "policy", "phase", "status", "voices", "scopes", "version"}
)
AMOUNTS: Final = frozenset(
    {
        "amount",
        "seen_amount",
        "limit",
        "daily_limit",
        "floor_cash",
        "second_approver_over",
        "low_water",
        "significant_invoice",
        "defaulted_due_over",
    }
)
NAMES: Final = {
    "amount": "",
    "reason": "",
    "assignee": "to",
    "pay_on": "to be paid by",
    "held_until": "until",
    "seen_amount": "seen paid",
    "seen_on": "on",
    "slack_user": "",
    "starts": "from",
    "ends": "to",
    "granted_by": "lent by",
    "low_water": "low point",
    "breach": "below the floor:",
}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Setting:
    """`people`: their names by Slack id."""

    currency: str
    today: date
    people: Mapping[str, str]


def say_facts(facts: Mapping[str, Any] | None, setting: Setting) -> str | None:
    """None when nothing is left that the action does not say."""
    if not facts:
        return None
    local = replace(setting, currency=str(facts.get("currency") or setting.currency))
    told = [
        f"{NAMES.get(name, name.replace('_', ' '))} {_value(name, value, local)}".strip()
        for name, value in facts.items()
        if (name not in UNSPOKEN or isinstance(value, dict)) and value not in (None, "", [])
    ]
    return ", ".join(told) or None


def _value(name: str, value: object, setting: Setting) -> str:
    if name in AMOUNTS:
        return format_money(Money(Decimal(str(value)), setting.currency))
    if isinstance(value, list):
        return "; ".join(_value("", one, setting) for one in value)
    if isinstance(value, dict):
        return say_facts(value, setting) or ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if _DAY.fullmatch(text):
        return format_date(date.fromisoformat(text), setting.today)
    return setting.people.get(text, text)
