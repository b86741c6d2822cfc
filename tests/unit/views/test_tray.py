"""A tray card says what is wrong, what it costs, what mends it, and what became of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.actions import read_ref
from bot.views.issues import WORDINGS
from bot.views.outcomes import tray_said
from bot.views.tray import draw_tray
from bot.views.tray_card import draw_tray_item
from domains.issues.catalogue import IssueCode, RecordKind, Severity
from domains.item_states import ItemStatus
from orchestrators.references import ref_of
from orchestrators.results.tray import CertaintyCost, SeverityTotal, TrayOutcomeKind
from tests.unit.views.reading import button, buttons, words
from tests.unit.views.samples import desk
from tests.unit.views.samples.base import SCENE, benign, page, usd


def test_a_card_says_what_is_wrong_what_it_costs_and_what_mends_it() -> None:
    drawn = draw_tray_item(desk.item(benign()), SCENE)
    assert "*Acme Supply* · Bill B-412" in words(drawn)
    assert "High, blocks a decision: It has no due date." in words(drawn)
    assert "± $1,250.00 and 1 day of runway rest on this." in words(drawn)
    assert "Set the due date in QuickBooks, then press Resolve." in words(drawn)
    assert "<https://app.qbo.intuit.com/app/bill?txnId=412|Open in QuickBooks>" in words(drawn)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (RecordKind.BILL, "Bill B-7 from Acme Supply, $1,250.00: no due date."),
        (RecordKind.INVOICE, "Invoice I-7 to Acme Supply, $1,250.00: no due date."),
        (RecordKind.ACCOUNT, "Bank account A-7, Acme Supply, $1,250.00: no due date."),
    ],
)
def test_in_words_a_card_says_whose_record_it_is(kind: RecordKind, named: str) -> None:
    assert draw_tray_item(desk.item(benign(), record=ref_of(kind, "7")), SCENE).text.startswith(named)


def test_what_was_called_fine_costs_nothing_and_asks_for_nothing() -> None:
    fine = next(one for one in desk.every_item_state(benign()) if one.state.status is ItemStatus.DISMISSED)
    drawn = draw_tray_item(replace(fine, acts=()), SCENE)
    for told in (drawn.text, words(drawn)):
        assert "rest on this" not in told
        assert "press Resolve" not in told


def test_the_first_button_resolves_and_carries_the_version_that_was_seen() -> None:
    drawn = draw_tray_item(desk.item(benign()), SCENE)
    assert buttons(drawn) == ["Resolve", "Assign…", "Snooze…", "Dismiss…"]
    ref = read_ref(button(drawn, "Resolve")["value"])
    assert ref is not None
    assert (ref.key, ref.seen) == ("Bill:412:MISSING_DUE_DATE", "v1")


def test_a_duplicate_names_its_twin_and_links_it() -> None:
    shown = words(draw_tray_item(desk.item(benign(), IssueCode.LIKELY_DUPLICATE), SCENE))
    assert (
        "a duplicate of bill B-413 over $1,250.00 of Thu 12 Nov: same vendor, nearly the same amount and date" in shown
    )
    assert "txnId=413|open it" in shown


def test_every_issue_code_has_words_a_cause_and_a_remedy() -> None:
    assert set(WORDINGS) == set(IssueCode)


def test_totals_and_what_is_hidden_stand_around_the_list() -> None:
    drawn = draw_tray(desk.tray([desk.item(benign())]), SCENE)
    assert drawn.text.startswith("9 issues in the tray. 3 block a decision. 1 critical ($900.00), 2 high ($1,250.00).")
    assert "2 snoozed, 1 dismissed" in words(drawn)


def test_severities_of_which_there_are_none_are_left_out() -> None:
    totals = (SeverityTotal(Severity.CRITICAL, 1, usd("900")), SeverityTotal(Severity.LOW, 0, usd("0")))
    shown = draw_tray(desk.tray([desk.item(benign())], totals=totals), SCENE)
    assert "1 critical ($900.00)." in shown.text
    assert "low" not in shown.text.split("\n")[0]


def test_days_of_runway_are_left_out_when_there_are_none() -> None:
    item = replace(desk.item(benign()), certainty=CertaintyCost(usd("38.40"), Decimal(0)))
    assert "± $38.40 rest on this." in words(draw_tray_item(item, SCENE))


def test_an_empty_tray_says_so() -> None:
    assert draw_tray(desk.tray([], totals=(), blocking=0), SCENE).text.startswith("The tray is empty.")


def test_a_member_is_told_that_the_list_is_only_theirs() -> None:
    drawn = draw_tray(desk.tray([desk.item(benign())], mine_only=True, page=page(1), blocking=1, totals=()), SCENE)
    assert drawn.text.startswith("1 issue assigned to you. 1 blocks a decision.")


def test_the_pager_says_where_it_leads() -> None:
    middle = desk.tray([desk.item(benign())], page=page(14, 2))
    assert buttons(draw_tray(middle, SCENE))[-2:] == ["Previous", "Next (page 3 of 3)"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (ItemStatus.ASSIGNED, "Assigned to <@U0NOOR> by <@U0MAYA> at 3:42 PM."),
        (ItemStatus.RESOLVED, "Marked resolved by <@U0MAYA> at 3:42 PM; QuickBooks has yet to confirm it."),
        (ItemStatus.SNOOZED, "Snoozed by <@U0MAYA> until Sat 28 Nov."),
        (ItemStatus.DISMISSED, "Dismissed by <@U0MAYA> at 3:42 PM: Acme Supply"),
        (ItemStatus.AUTO_RESOLVED, "Fixed: QuickBooks no longer shows this."),
        (ItemStatus.REOPENED, "Open again: QuickBooks still shows this. It stays with <@U0NOOR>."),
    ],
)
def test_the_card_tells_the_state_row_and_who_made_it(status: ItemStatus, sentence: str) -> None:
    item = next(item for item in desk.every_item_state(benign()) if item.state.status is status)
    drawn = draw_tray_item(item, SCENE)
    assert sentence in words(drawn)
    assert sentence in drawn.text
    assert "Resolve" not in buttons(drawn)


def test_a_late_click_is_told_that_somebody_was_first() -> None:
    said = tray_said(desk.tray_outcome(benign(), TrayOutcomeKind.ALREADY), SCENE)
    assert said == (
        "Acme Supply Bill B-412, no due date: nothing to do, somebody was first."
        " Marked resolved by <@U0MAYA> at 3:42 PM; QuickBooks has yet to confirm it."
    )


def test_resolving_says_that_the_record_is_read_again() -> None:
    assert tray_said(desk.tray_outcome(benign()), SCENE).endswith(
        "It is being read again from QuickBooks now; what comes of it will stand here."
    )
