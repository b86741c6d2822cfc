"""An audit entry is told in the words of the business, not in those of the database."""

from datetime import date

import pytest

from orchestrators.audit_facts import Setting, Told, say_change, say_facts

TODAY = date(2026, 11, 23)
PEOPLE = {"U00014000": "Tom Becker", "U00012000": "Daniel Reyes"}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            {"amount": "525.0000", "bill": "1131", "currency": "CAD", "digest": "3eae", "pay_on": "2026-11-24"}
            | {"phase": "approved", "policy": 0, "token": 0, "voices": ["U00011000"]},
            "CA$525.00, to be paid by Tue 24 Nov",
        ),
        (
            {"amount": "210.0000", "currency": "USD", "seen_amount": "100.0000", "seen_on": "2027-01-04"},
            "$210.00, seen paid $100.00, on Mon 4 Jan 2027",
        ),
        (
            {"amount": "525.00", "reason": "$500.00 was paid, $525.00 was approved.", "seen_amount": "500.00"},
            "$525.00, seen paid $500.00, $500.00 was paid, $525.00 was approved",
        ),
        ({"assignee": "U00014000", "status": "assigned", "judged": "ab", "until": None}, "to Tom Becker"),
        ({"floor_cash": "30000", "floor_days": 30}, "cash floor $30,000.00, days to warn ahead 30"),
        ({"roles": ["admin", "owner"]}, "admin; owner"),
        (
            {"delegations": [{"limit": "2500.00", "slack_user": "U00012000", "starts": "2026-11-21"}]},
            "approval limit of Daniel Reyes, up to $2,500.00, from Sat 21 Nov",
        ),
        ({"status": "resolved"}, None),
        (None, None),
    ],
)
def test_facts_are_said_as_amounts_days_and_people(facts: dict[str, object] | None, told: str | None) -> None:
    assert say_facts(facts, Setting("USD", TODAY, PEOPLE)) == told


def standing(status: str, **facts: object) -> dict[str, object]:
    return {"status": status, "assignee": None, "until": None, "reason": None, "judged": "ab"} | facts


@pytest.mark.parametrize(
    ("action", "before", "after", "told"),
    [
        (
            "item.snoozed",
            standing("assigned", assignee="U00014000"),
            standing("snoozed", assignee="U00014000", until="2026-12-04"),
            Told(None, "until Fri 4 Dec"),
        ),
        ("item.open", standing("snoozed", until="2026-11-20"), standing("open"), Told(None, None)),
        ("item.undone", standing("dismissed", reason="real"), standing("reopened"), Told("dismissed", "open again")),
        ("digest.posted", {"state": "posting"}, {"state": "posted", "channel": "C0", "ts": "1.1"}, Told(None, None)),
        (
            "digest.skipped",
            {"state": "due"},
            {"state": "skipped", "reason": "never_synced"},
            Told(None, "never synced"),
        ),
        (
            "policy.changed",
            {"pay_days": [2], "digest": {"weekday": 1, "hour": 9, "zone": "UTC"}},
            {"pay_days": [2, 4], "digest": {"weekday": 3, "hour": 9, "zone": "UTC"}},
            Told("pay days Tuesday, digest weekday Monday", "pay days Tuesday; Thursday, digest weekday Wednesday"),
        ),
        ("vendor.tier_set", {"tier": 1}, {"tier": 3}, Told("tier 1", "tier 3")),
    ],
)
def test_a_change_is_told_by_what_is_new_and_never_in_raw_states(
    action: str, before: dict[str, object], after: dict[str, object], told: Told
) -> None:
    assert say_change(action, before, after, Setting("USD", TODAY, PEOPLE)) == told
