"""Cards and list of the console, read as a person reads them: effects first, state always, no lie after a decision."""

from dataclasses import replace

import pytest

from bot.actions import read_ref
from bot.views.console import draw_card, draw_console
from bot.views.console_forms import approve_anyway_form, hold_form, plan_form
from bot.views.outcomes import decision_said, plan_said
from bot.views.places import Place
from domains.decisions import Phase
from domains.issues.catalogue import IssueCode
from orchestrators.results.basis import Change, Condition, Unknown
from orchestrators.results.console import (
    CardAct,
    DecisionOutcome,
    Narrow,
    OutcomeKind,
    PlanOutcome,
    PlanRefusal,
    ReadOnly,
    Voice,
)
from tests.unit.views.reading import button, buttons, fields, words
from tests.unit.views.samples import desk
from tests.unit.views.samples.base import ADVISOR, OWNER, SCENE, benign, bill_ref, day, usd


def test_a_bill_card_says_who_wants_how_much_by_when_and_why_now() -> None:
    shown = words(draw_card(desk.bill(benign()), SCENE))
    assert "*Acme Supply* · $1,250.00 · due Fri 27 Nov, in 6 days" in shown
    assert "Bill B-412 (no. Acme Supply) · must pay" in shown
    assert "Priority 62 (high): due in 6 days (20), Acme Supply must be paid (30)." in shown


def test_the_effect_of_each_choice_stands_before_the_click() -> None:
    drawn = draw_card(desk.bill(benign()), SCENE)
    assert "*Pay now:* low point $11,050.00 on Fri 11 Dec; cash that day $43,750.00." in words(drawn)
    assert "*Pay on Thu 26 Nov:* low point $11,050.00 on Fri 11 Dec; cash that day $41,000.00." in words(drawn)
    assert "*Hold, pay on Sat 5 Dec:* low point $12,300.00 on Fri 11 Dec; cash that day $30,000.00." in words(drawn)
    assert "Approved means to be paid by Thu 26 Nov." in drawn.text
    assert "`/runway approve B-412`" in drawn.text


def test_a_low_point_that_all_choices_share_is_said_once() -> None:
    same = tuple(replace(one, low_water=usd("11050"), low_water_on=day(20)) for one in desk.effects())
    drawn = draw_card(desk.bill(benign(), effects=same), SCENE)
    assert words(drawn).count("$11,050.00") == 1
    assert "Low point $11,050.00 on Fri 11 Dec, whichever you choose." in words(drawn)
    assert "*Pay now:* cash that day $43,750.00." in words(drawn)
    assert "*Hold, pay on Sat 5 Dec:* cash that day $30,000.00." in words(drawn)


def test_a_hold_that_ends_on_the_best_date_is_told_in_its_line() -> None:
    now, best, hold = desk.effects()
    shown = words(draw_card(desk.bill(benign(), effects=(now, best, replace(hold, on=best.on))), SCENE))
    assert "*Pay on Thu 26 Nov, also after a hold:*" in shown
    assert "*Hold" not in shown


def test_a_second_yes_that_needs_a_reason_says_that_it_asks() -> None:
    drawn = draw_card(desk.bill(benign(), acts=(CardAct.CONFIRM,), breach=True), SCENE)
    assert buttons(drawn) == ["Approve as second…"]


def test_a_proposal_whose_day_went_by_promises_that_day_no_more() -> None:
    proposed = next(one for one in desk.every_card_state(benign()) if one.phase is Phase.PROPOSED)
    late = desk.bill(benign(), state=replace(proposed, pay_on=day(-1)), acts=())
    assert "Proposed by <@U0MAYA>, was to be paid by Fri 20 Nov." in draw_card(late, SCENE).text


def test_a_shared_breach_is_said_with_the_low_point_it_belongs_to() -> None:
    (now, *_, hold) = desk.effects(breach=True)
    below = replace(hold, low_water=now.low_water, first_below_floor=now.first_below_floor)
    drawn = draw_card(desk.bill(benign(), effects=(now, below)), SCENE)
    assert words(drawn).count("below your floor from") == 1


def test_the_approve_button_carries_the_version_that_was_seen() -> None:
    ref = read_ref(button(draw_card(desk.bill(benign()), SCENE), "Approve")["value"])
    assert ref is not None
    assert (ref.key, ref.seen) == ("B-412", "v1")


def test_below_the_floor_the_button_says_so_and_asks_why() -> None:
    risky = desk.bill(benign(), effects=desk.effects(breach=True), acts=(CardAct.APPROVE_ANYWAY,), breach=True)
    drawn = draw_card(risky, SCENE)
    assert buttons(drawn) == ["Approve anyway…"]
    assert "*below your floor from Thu 3 Dec*" in words(drawn)
    form = approve_anyway_form(risky, SCENE, "m")
    assert "the projected low point is *$11,050.00* on Fri 11 Dec" in words(form)
    assert fields(form) == ["reason"]


def test_an_unknown_projection_is_named_not_hidden() -> None:
    short = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=12, days_needed=28)
    drawn = draw_card(desk.bill(benign(), effects=short), SCENE)
    assert "The effect on cash is not known. Not enough history: 12 days of books, 28 are needed." in drawn.text


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        (Phase.PROPOSED, "Proposed by <@U0MAYA>, to be paid by Fri 27 Nov. Yes from <@U0MAYA> so far."),
        (Phase.APPROVED, "Approved by <@U0MAYA>, to be paid by Fri 27 Nov."),
        (Phase.HANDED_OFF, "Approved by <@U0MAYA>, handed off, to be paid by Fri 27 Nov."),
        (Phase.STALE, "Approved by <@U0MAYA>, to be paid by Sun 15 Nov. Not seen in QuickBooks so far."),
        (Phase.HELD, "Held by <@U0MAYA> until Fri 4 Dec: Acme Supply"),
        (Phase.REJECTED, "Rejected by <@U0MAYA> at 3:42 PM: Acme Supply"),
        (Phase.CANCELLED, "Cancelled by <@U0MAYA> at 3:42 PM."),
        (Phase.VERIFIED, "Approved by <@U0MAYA>. Seen paid in QuickBooks on Thu 26 Nov."),
        (Phase.MISMATCH, "QuickBooks does not match: it shows $1,200.00 paid on Thu 26 Nov."),
        (Phase.EXPIRED, "The decision of <@U0MAYA> no longer holds."),
    ],
)
def test_the_card_tells_the_state_row_in_blocks_and_text(phase: Phase, sentence: str) -> None:
    state = next(state for state in desk.every_card_state(benign()) if state.phase is phase)
    drawn = draw_card(desk.bill(benign(), state=state, acts=()), SCENE)
    assert sentence in words(drawn)
    assert sentence in drawn.text
    assert buttons(drawn) == []


def test_a_decision_that_the_books_ended_is_never_called_runways() -> None:
    expired = next(one for one in desk.every_card_state(benign()) if one.phase is Phase.EXPIRED)
    ended = desk.bill(benign(), state=replace(expired, by="runway", voices=()), acts=())
    assert "The decision no longer holds." in draw_card(ended, SCENE).text
    due = replace(expired, by="runway", voices=(), held_until=day(-1), reason="The hold ended.")
    assert "The hold ended on Fri 20 Nov." in draw_card(desk.bill(benign(), state=due, acts=()), SCENE).text


def test_a_mismatch_without_a_payment_tells_of_none() -> None:
    seen = next(one for one in desk.every_card_state(benign()) if one.phase is Phase.MISMATCH)
    reason = "The bill was deleted or voided in QuickBooks after the hand-off."
    gone = desk.bill(benign(), state=replace(seen, seen_amount=None, seen_paid_on=None, reason=reason), acts=())
    told = "QuickBooks does not match what <@U0MAYA> approved. The bill was deleted or voided"
    assert told in draw_card(gone, SCENE).text


def test_a_blocked_bill_says_what_blocks_it() -> None:
    blocked = desk.every_card_state(benign())[0]
    assert "Cannot be decided yet: no due date." in draw_card(desk.bill(benign(), state=blocked, acts=()), SCENE).text


def test_a_second_click_is_told_who_and_when() -> None:
    said = decision_said(desk.outcome(benign(), OutcomeKind.ALREADY), SCENE)
    assert said == "Acme Supply B-412 $1,250.00: already approved by <@U0MAYA> at 1:42 PM."


def test_a_second_click_is_told_for_whom_and_what_became_of_it_since() -> None:
    voices = (Voice(ADVISOR, SCENE.now, OWNER),)
    state = replace(desk.every_card_state(benign())[6], by=ADVISOR, voices=voices)
    said = decision_said(DecisionOutcome(OutcomeKind.ALREADY, desk.bill(benign(), state=state)), SCENE)
    assert said.endswith("already approved by <@U0NOOR> for <@U0MAYA> at 3:42 PM, and handed off since.")


def test_an_outdated_click_decides_nothing_and_says_what_changed() -> None:
    said = decision_said(desk.outcome(benign(), OutcomeKind.OUTDATED), SCENE)
    assert (
        "nothing was decided, because it changed since you saw it: open balance was $1,250.00, is now $1,300.00" in said
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change("breach", old=False, new=True), "it now takes cash below your floor."),
        (Change("breach", old=True, new=False), "it takes cash no longer below your floor."),
        (Change("lines", None, None), "its lines were changed."),
        (Change("party", "56", "57"), "its vendor or customer was changed."),
        (Change("due", None, day(6)), "due date was not set, is now Fri 27 Nov."),
    ],
)
def test_what_changed_since_the_card_was_drawn_is_said_in_words(change: Change, told: str) -> None:
    said = decision_said(DecisionOutcome(OutcomeKind.OUTDATED, desk.bill(benign()), (change,)), SCENE)
    assert said.endswith(f"because it changed since you saw it: {told}")


def test_all_open_bills_are_accounted_for_under_the_list() -> None:
    shown = words(draw_console(desk.console([desk.bill(benign())]), SCENE))
    assert "Of 21 open bills: 12 to decide, 3 blocked in the tray, 2 decided, 4 due later than 30 days." in shown


def test_a_list_of_invoices_speaks_of_no_bills() -> None:
    second = desk.bill(benign(), 77, acts=(CardAct.CONFIRM,), breach=True)
    drawn = draw_console(desk.console([desk.invoice(benign())], narrow=Narrow.INVOICES, waiting=(second,)), SCENE)
    assert "B-77" not in words(drawn) + drawn.text
    assert drawn.text.startswith(f"{desk.COUNTS.invoices_ready} invoices to chase.")
    assert "open bills" not in words(drawn)
    assert not [text for text in buttons(drawn) if text.startswith("Decide")]
    assert "Priority " in words(drawn)


def test_a_read_only_console_says_why_and_offers_no_decision() -> None:
    closed = desk.console([desk.bill(benign(), acts=())], read_only=ReadOnly.STALE_BOOKS)
    drawn = draw_console(closed, SCENE)
    assert "*Read-only:* the books are too old to decide on." in drawn.text
    assert not [text for text in buttons(drawn) if text.startswith(("Approve", "Hold", "Reject"))]


def test_a_decided_card_keeps_its_place_and_its_undo_is_not_where_approve_was() -> None:
    approved = desk.outcome(benign(), OutcomeKind.DECIDED).card
    drawn = draw_console(desk.console([approved, desk.bill(benign(), 413)]), SCENE)
    [undo] = [block["accessory"] for block in drawn.blocks if "accessory" in block]
    assert undo["text"]["text"] == "Undo"
    assert [text for text in buttons(drawn) if text.startswith("Approve")] == ["Approve"]
    assert buttons(drawn)[-1] == "Next"
    ref = read_ref(button(drawn, "Next")["value"])
    assert ref is not None
    assert ref.key == "1"


def test_the_place_of_a_card_remembers_its_neighbours() -> None:
    drawn = draw_console(desk.console([desk.bill(benign(), 7), desk.bill(benign(), 9)]), SCENE)
    ref = read_ref(button(drawn, "Approve")["value"])
    assert ref is not None
    assert Place.read(ref.kind) == Place("console", "all", 1, ("B-7", "B-9"))


def test_bills_that_wait_for_a_second_yes_stand_before_the_others() -> None:
    waiting = desk.every_card_state(benign())[3]
    second = desk.bill(benign(), 77, state=waiting, acts=(CardAct.CONFIRM,))
    shown = words(draw_console(desk.console([desk.bill(benign())], waiting=(second,)), SCENE))
    assert shown.index("B-77") < shown.index("B-412")
    assert "1 bill waits for a second yes." in shown


def test_an_invoice_card_says_how_late_against_their_own_habit_and_who_calls() -> None:
    drawn = draw_card(desk.invoice(benign(), chased_by=OWNER, chased_at=SCENE.now), SCENE)
    assert "*Acme Supply* · $3,000.00 · due Sun 18 Oct, 34 days overdue" in words(drawn)
    assert "Usually pays 12 days late." in words(drawn)
    assert "Being chased by <@U0MAYA> at 3:42 PM." in drawn.text


def test_what_the_tray_asks_about_it_stands_on_a_card_that_can_be_decided() -> None:
    doubtful = (IssueCode.NEVER_SENT, IssueCode.NO_CONTACT, IssueCode.STALE_OPEN)
    owed, payable = desk.invoice(benign(), also=doubtful), desk.bill(benign(), also=(IssueCode.DUE_DATE_DEFAULTED,))
    drawn = draw_console(desk.console([payable, owed]), SCENE)
    for told in (drawn.text, words(drawn)):
        assert "In the tray too: due date looks like a default." in told
        assert "In the tray too: never sent, open for more than 180 days. Check first whether it was paid" in told
    approved = desk.every_card_state(benign())[4]
    assert "In the tray" not in words(draw_card(desk.bill(benign(), also=doubtful, state=approved, acts=()), SCENE))


def test_cash_that_runs_out_is_told_once_with_its_low_point() -> None:
    below = replace(desk.BREACH, balance=usd("-1200"))
    told = draw_console(desk.console([desk.bill(benign())], low_water=below), SCENE).text
    assert told.startswith("12 bills to decide and 4 invoices to chase. Available cash $45,000.00. With what is in the")
    assert told.split("\n")[0].count("-$1,200.00") == 1


def test_one_bill_is_no_plural() -> None:
    plan = desk.plan(benign(), 1)
    assert "Decide 1 bill…" in buttons(draw_console(desk.console([desk.bill(benign())], plan=plan), SCENE))
    assert words(plan_form(plan, SCENE, "m")).startswith("1 bill, $1,250.00 in all.")
    stayed = PlanOutcome((PlanRefusal(bill_ref(9), "B-9 goes above your limit."),))
    assert plan_said(stayed) == "No bill was approved.\n• B-9: B-9 goes above your limit."


def test_hold_asks_for_a_day_and_proposes_one() -> None:
    form = hold_form(desk.bill(benign()), SCENE, "m")
    assert fields(form) == ["until", "reason"]
    assert form.payload()["blocks"][1]["element"]["initial_date"] == "2026-11-28"


def test_a_plan_names_every_bill_and_says_what_is_not_listed() -> None:
    form = plan_form(desk.plan(benign(), 95), SCENE, "m")
    assert "95 bills, $118,750.00 in all. Cash stays above your floor." in words(form)
    assert "Listed are the first 90; the others stay in the console." in words(form)


def test_after_a_plan_each_bill_that_stayed_says_why() -> None:
    refused = PlanRefusal(bill_ref(9), "B-9 goes above your limit.")
    decided = DecisionOutcome(OutcomeKind.DECIDED, desk.bill(benign()))
    said = plan_said(PlanOutcome((decided, refused)))
    assert said == "1 bill approved, each to be paid by its planned date.\n• B-9: B-9 goes above your limit."
