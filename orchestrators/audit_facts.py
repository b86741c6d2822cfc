"""The facts of an audit entry as people say them: amounts with their currency, days as dates, people by name."""

import re
from calendar import day_name
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domains.item_states import ItemStatus
from kit.clock import format_date
from kit.money import Money, format_money

# Fingerprints, counters and what action and subject say already; the digest's settings (a dict) are none of these.
UNSPOKEN: Final = frozenset(
    {
        *("digest", "token", "judged", "bill", "currency", "policy", "phase", "status", "voices", "scopes", "version"),
        *("state", "ts", "day", "label"),
    }
)
# Where an undo came from and went to is all there is to say of it.
STATUSES: Final = {
    ItemStatus.OPEN: "open",
    ItemStatus.ASSIGNED: "assigned",
    ItemStatus.RESOLVED: "marked resolved",
    ItemStatus.SNOOZED: "snoozed",
    ItemStatus.DISMISSED: "dismissed",
    ItemStatus.AUTO_RESOLVED: "put right",
    ItemStatus.REOPENED: "open again",
}
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
# In the order in which they are told; what is not here is told behind them, by its own name.
NAMES: Final = {
    "amount": "",
    "role": "",
    "roles": "",
    "assignee": "to",
    "pay_on": "to be paid by",
    "held_until": "until",
    "seen_amount": "seen paid",
    "seen_on": "on",
    "floor_cash": "cash floor",
    "floor_days": "days to warn ahead",
    "second_approver_over": "second approver above",
    "significant_invoice": "chase early above",
    "defaulted_due_over": "question default due dates above",
    "stale_after_days": "days until a payment is asked for",
    "bill_writeback": "writing to QuickBooks",
    "restricted_accounts": "accounts not counted",
    "amounts_in_channel": "amounts in the channel",
    "zone": "time zone",
    "delegations": "approval limit of",
    "slack_user": "",
    "limit": "up to",
    "daily_limit": "a day up to",
    "starts": "from",
    "ends": "to",
    "granted_by": "lent by",
    "low_water": "low point",
    "breach": "below the floor:",
    "reason": "",
}
WEEKDAYS: Final = frozenset({"weekday", "pay_days"})  # ISO numbers
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Setting:
    """`people`: their names by Slack id."""

    currency: str
    today: date
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    before: str | None
    after: str | None


def say_change(
    action: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, setting: Setting
) -> Told:
    """What an act changed. Of an item in the tray that is where it went, not what stayed as it was."""
    if action == "item.undone" and before and after:
        return Told(STATUSES[ItemStatus(before["status"])], STATUSES[ItemStatus(after["status"])])
    if action.startswith("item.") and before and after:
        news = {name: value for name, value in after.items() if value != before.get(name)}
        return Told(None, say_facts(news, setting))
    if action.startswith("digest.") and after:  # the message itself shows where it stands
        reason = str(after.get("reason") or "").replace("_", " ")
        return Told(None, reason or None)
    if before and after:
        before, after = _apart(before, after), _apart(after, before)
    return Told(say_facts(before, setting), say_facts(after, setting))


def _apart(facts: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Of facts within a fact (the digest's settings), those that differ."""
    return {
        name: {key: one for key, one in value.items() if one != other[name].get(key)}
        if isinstance(value, dict) and isinstance(other.get(name), dict)
        else value
        for name, value in facts.items()
    }


def say_facts(facts: Mapping[str, Any] | None, setting: Setting) -> str | None:
    """None when nothing is left that the action does not say."""
    if not facts:
        return None
    local = replace(setting, currency=str(facts.get("currency") or setting.currency))
    told = [
        f"{NAMES.get(name, name.replace('_', ' '))} {_value(name, value, local)}".strip()
        for name, value in sorted(facts.items(), key=_rank)
        if (name not in UNSPOKEN or isinstance(value, dict)) and value not in (None, "", [])
    ]
    return ", ".join(told) or None


def _rank(fact: tuple[str, Any]) -> int:
    return list(NAMES).index(fact[0]) if fact[0] in NAMES else len(NAMES)


def _value(name: str, value: object, setting: Setting) -> str:
    if name in AMOUNTS:
        return format_money(Money(Decimal(str(value)), setting.currency))
    if isinstance(value, list):
        return "; ".join(_value(name, one, setting) for one in value)
    if isinstance(value, dict):
        return say_facts(value, setting) or ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _text(name, str(value), setting)


def _text(name: str, text: str, setting: Setting) -> str:
    if name in WEEKDAYS:
        return day_name[int(text) - 1]
    if _DAY.fullmatch(text):
        return format_date(date.fromisoformat(text), setting.today)
    return setting.people.get(text, text).rstrip(".")
