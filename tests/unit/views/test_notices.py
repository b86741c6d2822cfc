"""What is said unasked is said once, plainly, and called over when it is."""

from dataclasses import replace

import pytest

from bot.views.notices import TOLD, draw_alerts, draw_decision_notice, draw_your_turn
from orchestrators.digest_runs import SkipReason
from orchestrators.results.console import ReadOnly
from orchestrators.results.notices import AlertKind, AlertLine
from tests.unit.views.reading import buttons, words
from tests.unit.views.samples import weekly
from tests.unit.views.samples.base import SCENE, benign, day


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (AlertKind.RECONNECT, "QuickBooks no longer lets Runway in."),
        (AlertKind.NO_OWNER, "Nobody is an owner here, so no bill can be approved."),
        (AlertKind.SYNC_FAILED, "Three syncs in a row failed: Acme Supply said so."),
        (AlertKind.SYNC_STALLED, "QuickBooks has not answered for hours. Runway tries again by itself;"),
        (
            AlertKind.FLOOR_BREACH,
            "Cash is projected to fall below your floor on Thu 3 Dec; the low point is $1,250.00.",
        ),
        (AlertKind.TROUGH, "A payment that must be made, Acme Supply $1,250.00, falls on Thu 3 Dec"),
        (AlertKind.STUCK, "waits for a yes that nobody here can give. `/runway roles`"),
        (AlertKind.OVERDUE, "waits for approval and has been due since Thu 3 Dec."),
        (AlertKind.MISMATCH, "QuickBooks does not match what was approved. Acme Supply said so. Ask whoever pays."),
        (AlertKind.EXPIRED, "the decision no longer stands. Acme Supply said so."),
        (AlertKind.NOT_SEEN, "was to be paid by Thu 3 Dec; no payment is seen in QuickBooks. Ask whoever pays."),
        (AlertKind.DIGEST_UNKNOWN, "if it is missing, post it now"),
        (AlertKind.DIGEST_BROKEN, "The digest channel is closed to me."),
        (AlertKind.DIGEST_SKIPPED, "This week’s digest was not posted: it could not be built."),
        (AlertKind.POLICY_CHANGED, "changed the rules: Acme Supply said so. `/runway settings`"),
        (AlertKind.ROLE_CHANGED, "changed your roles: you are Acme Supply said so. now."),
        (AlertKind.LIMIT_CHANGED, "lets you approve bills up to $1,250.00 each, until Thu 3 Dec."),
        (AlertKind.TIER_CHANGED, "it is what its accounts suggest now. `/runway vendors`"),
        (AlertKind.ASSIGNED, "Bill B-9: no due date. It was assigned to you. `/runway tray`"),
        (AlertKind.DECIDED, "$1,250.00 was decided. `/runway console`"),
    ],
)
def test_each_alert_says_what_is_wrong_in_blocks_and_text(kind: AlertKind, sentence: str) -> None:
    lines = tuple(line for line in weekly.alerts(benign()).lines if line.kind is kind and not line.over)
    drawn = draw_alerts(weekly.alerts(benign(), lines=lines), SCENE)
    assert sentence in words(drawn)
    assert sentence in drawn.text
    assert drawn.text.startswith("1 thing to know today." if kind in TOLD else "1 thing needs you today.")


@pytest.mark.parametrize("reason", SkipReason)
def test_a_digest_that_was_not_posted_says_why_in_words(reason: SkipReason) -> None:
    line = AlertLine(AlertKind.DIGEST_SKIPPED, subject="digest:2026-W47", detail=reason)
    told = draw_alerts(weekly.alerts(benign(), lines=(line,)), SCENE).text
    assert reason not in told
    assert "could not be built" not in told


def test_every_kind_of_alert_has_its_words() -> None:
    assert {line.kind for line in weekly.alerts(benign()).lines} == set(AlertKind)


def test_what_is_over_is_struck_and_called_over() -> None:
    over = tuple(line for line in weekly.alerts(benign()).lines if line.over)
    drawn = draw_alerts(weekly.alerts(benign(), lines=over), SCENE)
    assert drawn.text.startswith("All of these alerts are over.")
    assert "~Acme Supply B-99 $10.00 waits for approval" in words(drawn)
    assert "~ Over." in words(drawn)
    assert buttons(drawn) == []


def test_alerts_offer_what_mends_them_and_quiet() -> None:
    offered = buttons(draw_alerts(weekly.alerts(benign()), SCENE))
    assert offered == [
        "Reconnect QuickBooks",
        "Post it now",
        "Choose a channel…",
        "See forecast",
        "Quiet until tomorrow",
    ]


def test_who_asked_for_quiet_reads_until_when() -> None:
    drawn = draw_alerts(weekly.alerts(benign(), snoozed_until=day(1)), SCENE)
    assert "You asked for quiet until Sun 22 Nov." in words(drawn)
    assert "Quiet until tomorrow" not in buttons(drawn)


def test_your_turn_shows_second_yeses_first_and_keeps_what_was_decided() -> None:
    drawn = draw_your_turn(weekly.your_turn(benign()), SCENE)
    told = words(drawn)
    assert drawn.text.startswith("It is your turn: 12 bills to decide. 1 bill as the second approver.")
    assert told.index("B-1 ") < told.index("B-2 ") < told.index("B-3 ")
    assert "*Approved by <@U0MAYA>, to be paid by Thu 26 Nov.*" in told


def test_a_reminder_says_that_it_is_one() -> None:
    assert draw_your_turn(weekly.your_turn(benign(), reminder=True), SCENE).text.startswith("Still waiting for you:")


def test_when_nothing_waits_any_more_the_message_says_so() -> None:
    decided = weekly.your_turn(benign()).decide[1:]
    drawn = draw_your_turn(weekly.your_turn(benign(), confirm=(), decide=decided), SCENE)
    assert drawn.text.startswith("Nothing waits for you any more.")


def test_a_message_whose_bills_went_on_to_a_later_one_asks_for_nothing() -> None:
    decided = weekly.your_turn(benign()).decide[1:]
    drawn = draw_your_turn(weekly.your_turn(benign(), confirm=(), decide=decided, continued_on=day(1)), SCENE)
    assert drawn.text.startswith(
        "It goes on in my message of Sun 22 Nov, further down. These stay here:\nBill B-3 from"
    )
    assert buttons(drawn) == []
    moved = draw_your_turn(weekly.your_turn(benign(), confirm=(), decide=(), continued_on=day(1)), SCENE)
    assert moved.text == "It goes on in my message of Sun 22 Nov, further down."


def test_whose_limit_ended_is_not_asked_any_more() -> None:
    drawn = draw_your_turn(weekly.your_turn(benign(), confirm=(), may_approve=False), SCENE)
    assert drawn.text.startswith("You can’t approve bills any more. You can propose these:\nBill B-2")
    assert not {"Open console (12)", "Quiet until tomorrow"} & set(buttons(drawn))
    assert draw_your_turn(weekly.your_turn(benign(), confirm=(), decide=(), may_approve=False), SCENE).text == (
        "You can’t approve bills any more."
    )


def test_bills_that_nobody_can_decide_now_are_not_called_decided() -> None:
    waiting = tuple(replace(card, acts=()) for card in weekly.your_turn(benign()).decide[:1])
    shown = weekly.your_turn(benign(), confirm=(), decide=waiting, read_only=ReadOnly.LOCKED_OUT)
    told = draw_your_turn(shown, SCENE).text
    assert told.startswith("Nothing can be decided now. *Read-only:* QuickBooks no longer lets Runway in.")
    assert "were decided" not in told


def test_a_decision_is_told_with_its_state() -> None:
    drawn = draw_decision_notice(weekly.decision_notice(benign()), SCENE)
    assert "Approved by <@U0MAYA>, to be paid by Thu 26 Nov." in drawn.text
