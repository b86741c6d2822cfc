"""What a change of the rules came to, each rule with its old and its new value: for who saved it, and who is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bot.views.escape import Mrkdwn, mrkdwn, sentence
from bot.views.escape import channel as channel_name
from bot.views.phrases import counted, money, who
from bot.views.setting_words import WEEKDAYS, WRITEBACK, hour_words
from domains.policy import Delegation, Policy
from kit.money import Money

Word = Callable[[Any, str], Mrkdwn]
Day = Callable[[date], Mrkdwn]
_SHOWN: Final = {True: "shown", False: "hidden", None: "not chosen"}
NOTHING: Final = Mrkdwn("Nothing changed.")


@dataclass(frozen=True, slots=True)
class Rule:
    label: str
    word: Word


def _amount(value: Decimal, currency: str) -> Mrkdwn:
    return money(Money(value, currency))


def _days(value: int, _currency: str) -> Mrkdwn:
    return counted(value, "day")


def weekdays(value: tuple[int, ...], _currency: str = "") -> Mrkdwn:
    return Mrkdwn(", ".join(WEEKDAYS[day] for day in sorted(value)) or "none")


def _channel(value: str | None, _currency: str) -> Mrkdwn:
    return channel_name(value) if value else Mrkdwn("not chosen")


_POLICY: Final = {
    "floor_cash": Rule("Cash floor", _amount),
    "floor_days": Rule("Warn below the floor within", _days),
    "second_approver_over": Rule("Second approver above", _amount),
    "pay_days": Rule("Pay days", weekdays),
    "significant_invoice": Rule("Invoice to chase early above", _amount),
    "defaulted_due_over": Rule("Question default due dates above", _amount),
    "stale_after_days": Rule("Ask when a payment is not seen after", _days),
    "bill_writeback": Rule("Writing to QuickBooks", lambda value, _: Mrkdwn(WRITEBACK[value])),
}
_DIGEST: Final = {
    "enabled": Rule("Weekly digest", lambda value, _: Mrkdwn("on" if value else "off")),
    "channel": Rule("Digest channel", _channel),
    "amounts_in_channel": Rule("Amounts in the channel", lambda value, _: Mrkdwn(_SHOWN[value])),
    "weekday": Rule("Digest day", lambda value, _: Mrkdwn(WEEKDAYS[value])),
    "hour": Rule("Digest hour", lambda value, _: Mrkdwn(hour_words(value))),
    "zone": Rule("Digest time zone", lambda value, _: mrkdwn("{}", value.replace("_", " "))),
}


def saved_said(before: Policy, after: Policy, currency: str, *, others_told: bool) -> Mrkdwn:
    changed = changes(before, after, currency)
    if not changed:
        return NOTHING
    return sentence(Mrkdwn("Saved."), *changed, Mrkdwn("The other owners are told.") if others_told else None)


def changes(before: Policy, after: Policy, currency: str) -> list[Mrkdwn]:
    """One sentence for each rule that differs; those about people are told where people are."""
    rules = _differing(_POLICY, before, after, currency)
    return rules + _differing(_DIGEST, before.digest, after.digest, currency)


def lent_said(before: Policy, after: Policy, slack_user: str, day: Day, currency: str) -> Mrkdwn:
    """What a delegation came to; `day` says a date."""
    old, new = _lent(before, slack_user), _lent(after, slack_user)
    if old == new:
        return NOTHING
    if new is None:
        return mrkdwn("Ended. {} can propose bills, and approves none any more.", who(slack_user))
    instead = mrkdwn(" Before: {}.", _limit(old, day, currency)) if old else Mrkdwn("")
    return mrkdwn("Saved. {} may approve {}.{}", who(slack_user), _limit(new, day, currency), instead)


def _lent(policy: Policy, slack_user: str) -> Delegation | None:
    return next((one for one in policy.delegations if one.slack_user == slack_user), None)


def _limit(lent: Delegation, day: Day, currency: str) -> Mrkdwn:
    per_bill, per_day = _amount(lent.limit, currency), _amount(lent.per_day, currency)
    span = mrkdwn("from {} to {}", day(lent.starts), day(lent.ends))
    return mrkdwn("up to {} a bill and {} a day, {}", per_bill, per_day, span)


def _differing(rules: Mapping[str, Rule], before: object, after: object, currency: str) -> list[Mrkdwn]:
    pairs = [(rule, getattr(before, name), getattr(after, name)) for name, rule in rules.items()]
    return [_sentence(rule, old, new, currency) for rule, old, new in pairs if old != new]


def _sentence(rule: Rule, old: object, new: object, currency: str) -> Mrkdwn:
    """As in "Cash floor: $0.00 before, $12,500.00 now."."""
    return mrkdwn("{}: {} before, {} now.", rule.label, rule.word(old, currency), rule.word(new, currency))
