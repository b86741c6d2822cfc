"""Tray, console and pay list as hands meet them: what is drawn is pressed, what is asked is filled."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.replies import Done, FieldErrors, Origin
from bot.views.blocks import Message, actions, button
from bot.views.checks import check
from bot.views.console import draw_card
from bot.views.escape import Mrkdwn
from bot.views.ids import Click
from bot.views.places import DURABLE
from bot.views.scene import Scene
from kit.errors import NotAllowed, Outdated, Refused
from orchestrators.console import DecisionConsoleDataOrchestrator
from tests.integration.bot.hand import Hand, elements, message_of, modal_of, note_of
from tests.integration.desk.company import MEL, Company


async def test_the_headline_leads_into_tray_console_and_forecast(maya: Hand) -> None:
    headline = message_of(await maya.types(""))
    assert "Available cash $45,000.00." in headline.text
    assert "B-147" in message_of(await maya.presses(headline, "Open tray")).text
    assert "B-145" in message_of(await maya.presses(headline, "Open console")).text
    assert "13 weeks" in message_of(await maya.presses(headline, "See forecast")).text


@pytest.mark.parametrize("words", ["", "tray", "console", "forecast"])
async def test_whoever_opens_figures_that_are_no_longer_new_has_the_books_read_again(
    company: Company, maya: Hand, words: str
) -> None:
    await maya.types(words)
    assert await _ordered(company) == 0
    company.clock.advance(timedelta(minutes=16))
    await maya.types(words)
    assert await _ordered(company) == 1


async def _ordered(company: Company) -> int:
    async with company.db.tenant_session(company.business) as session:
        found = await session.execute(text("SELECT count(*) FROM outbox WHERE kind = 'SyncBooks'"))
        return int(found.scalar_one())


async def test_an_approved_card_stays_where_it_was_and_can_be_undone(maya: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    before = _refs(console)
    after = message_of(await maya.presses(console, "Approve", nth=1))
    assert _refs(after) == before
    assert "Approved by <@UMAYA>, to be paid by" in after.text
    undone = message_of(await maya.presses(after, "Undo"))
    assert _refs(undone) == before
    assert "Cancelled by <@UMAYA> at 7:00 AM. It waits for a decision again." in undone.text


async def test_a_bill_that_now_waits_for_a_second_yes_stands_on_its_page_once(maya: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    after = message_of(await maya.presses(console, "Approve", nth=_refs(console).index("B-150")))
    assert after.text.count("Bill B-150 from") == 1
    assert _refs(after) == _refs(console)
    check("message", after.payload())


async def test_a_second_click_on_an_old_card_is_told_who_and_when(maya: Hand, omar: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    await maya.presses(console, "Approve", nth=1)
    late = message_of(await omar.presses(console, "Approve", nth=1))
    assert "already approved by <@UMAYA> at 7:00 AM." in late.text


async def test_a_click_on_a_durable_card_needs_no_answer_and_a_late_one_gets_a_private_one(
    company: Company, maya: Hand, omar: Hand
) -> None:
    async with company.db.tenant_session(company.business) as session:
        card = await DecisionConsoleDataOrchestrator(session, company.clock).get_card(None, "B-145")
    copy = draw_card(card, Scene(company.clock.now(), "UTC"), place=DURABLE)
    assert isinstance(await maya.presses(copy, "Approve", Origin.MESSAGE), Done)
    assert "already approved by <@UMAYA>" in note_of(await omar.presses(copy, "Approve", Origin.MESSAGE))


async def test_holding_asks_until_when_and_keeps_the_reason(maya: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    form = modal_of(await maya.presses(console, "Hold"))
    held = message_of(await maya.sends(form, until="2026-12-01", reason="Waiting for the credit."))
    assert "Held by <@UMAYA> until Tue 1 Dec: Waiting for the credit." in held.text


async def test_a_day_gone_by_is_said_under_the_field_and_nothing_is_decided(maya: Hand) -> None:
    form = modal_of(await maya.types("hold B-145"))
    answer = await maya.sends(form, until="2026-01-01")
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {"until"}
    assert "Approve" in str(elements(message_of(await maya.types("console bills"))))


async def test_rejecting_without_a_reason_keeps_the_form_open(maya: Hand) -> None:
    form = modal_of(await maya.types("reject B-145"))
    assert await maya.sends(form, reason=" ") == FieldErrors({"reason": "Please fill this in."})
    rejected = message_of(await maya.sends(form, reason="Never ordered."))
    assert "Rejected by <@UMAYA>" in rejected.text


async def test_no_form_opens_for_what_somebody_decided_already(maya: Hand, omar: Hand) -> None:
    console = message_of(await omar.types("console bills"))
    await maya.types("approve B-145")
    assert "already approved by <@UMAYA>" in message_of(await omar.types("reject B-145")).text
    late = message_of(await omar.presses(console, "Hold", nth=_refs(console).index("B-145")))
    assert "already approved by <@UMAYA>" in late.text


async def test_typing_decides_like_a_click(maya: Hand) -> None:
    approved = message_of(await maya.types("approve b-145"))
    assert "Approved by <@UMAYA>, to be paid by" in approved.text
    again = message_of(await maya.types("approve B-145"))
    assert "already approved by <@UMAYA>" in again.text


@pytest.mark.parametrize("words", ["approve", "approve B-9999", "hold", "reject nothing", "approve I-9"])
async def test_typing_what_cannot_be_decided_is_refused_with_a_way_on(maya: Hand, words: str) -> None:
    with pytest.raises(Refused, match="/runway console"):
        await maya.types(words)


async def test_a_reference_that_is_nearly_right_is_answered_with_what_was_meant(maya: Hand) -> None:
    assert "Approved by <@UMAYA>" in message_of(await maya.types("approve b145")).text
    with pytest.raises(Refused, match="Did you mean `/runway hold B-146`"):
        await maya.types("hold B-1146")


async def test_a_large_bill_waits_for_a_second_yes(maya: Hand, omar: Hand) -> None:
    first = message_of(await maya.types("approve B-150"))
    assert "Proposed by <@UMAYA>" in first.text
    assert "Waiting for <@UOMAR>" in first.text
    console = message_of(await omar.types("console bills"))
    assert "1 bill waits for a second yes." in str(console.blocks)
    second = message_of(await omar.presses(console, "Approve as second"))
    assert "Approved by <@UMAYA> and <@UOMAR>" in second.text


async def test_the_plan_decides_what_is_ticked_and_leaves_the_rest(maya: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    form = modal_of(await maya.presses(console, "Decide "))
    after = message_of(await maya.sends(form, ticked0=("B-145",)))
    assert after.text == "1 bill is being approved. What comes of each will stand here."
    none = message_of(await maya.sends(form, ticked0=()))
    assert none.text == "Nothing was ticked, so nothing was decided."
    await maya.types("approve B-145")
    with pytest.raises(Outdated):
        await maya.sends(form, ticked0=("B-146",))


async def test_an_invoice_is_chased_once_and_stays_in_its_place(maya: Hand) -> None:
    invoices = message_of(await maya.types("console invoices"))
    chased = message_of(await maya.presses(invoices, "Chase"))
    assert "Being chased by <@UMAYA>" in chased.text


async def test_resolving_keeps_the_item_in_its_place_with_its_undo(maya: Hand) -> None:
    tray = message_of(await maya.types("tray"))
    resolved = message_of(await maya.presses(tray, "Resolve"))
    assert "Marked resolved by <@UMAYA>" in resolved.text
    assert "It is being read again from QuickBooks now; what comes of it will stand here." in resolved.text
    undone = message_of(await maya.presses(resolved, "Undo"))
    assert "Resolve" in str(elements(undone))


async def test_a_record_is_found_in_the_tray_by_its_reference(maya: Hand) -> None:
    assert message_of(await maya.types("tray B-147")).text.startswith(
        "Bill B-147 from Northshore Print, $700.00: no due"
    )
    with pytest.raises(Refused, match="/runway tray"):
        await maya.types("tray B-145")


async def test_what_is_assigned_is_all_that_a_member_sees(maya: Hand, mel: Hand) -> None:
    assert "Nothing in the tray is assigned to you." in message_of(await mel.types("tray")).text
    form = modal_of(await maya.presses(message_of(await maya.types("tray")), "Assign"))
    await maya.sends(form, to=MEL)
    mine = message_of(await mel.types("tray"))
    assert mine.text.startswith("1 issue assigned to you.")
    with pytest.raises(NotAllowed, match="<@UMAYA>"):
        await mel.types("console")
    for verb in ("approve", "hold", "reject"):  # before a form is opened, and named as it was typed
        with pytest.raises(NotAllowed, match=f"You can’t {verb} bills here. .*<@UMAYA>"):
            await mel.types(f"{verb} B-145")


async def test_a_word_that_narrows_nothing_is_answered_with_those_that_do(maya: Hand) -> None:
    for words, known in {"console paid": "/runway console bills", "known more": "/runway known add"}.items():
        with pytest.raises(Refused, match=known):
            await maya.types(words)


async def test_snoozing_and_dismissing_ask_first(maya: Hand) -> None:
    tray = message_of(await maya.types("tray"))
    snoozed = message_of(await maya.sends(modal_of(await maya.presses(tray, "Snooze")), until="2026-12-01"))
    assert "Snoozed by <@UMAYA> until Tue 1 Dec." in snoozed.text
    back = message_of(await maya.presses(snoozed, "Undo"))
    dismissed = message_of(await maya.sends(modal_of(await maya.presses(back, "Dismiss")), reason="A standing order."))
    assert "Dismissed by <@UMAYA> at 7:00 AM: A standing order." in dismissed.text


async def test_the_pay_list_is_handed_off_or_taken_back_where_it_stands(maya: Hand) -> None:
    await maya.types("approve B-145")
    await maya.types("approve B-146")
    listed = message_of(await maya.types("paylist"))
    assert listed.text.startswith("2 approved bills to hand off, $2,100.00.")
    left = message_of(await maya.presses(listed, "Undo"))
    assert "1 approved bill to hand off" in left.text
    done = message_of(await maya.presses(left, "Hand off"))
    assert done.text == "The pay list is being handed off: 1 bill. What comes of it will stand here."


async def test_a_button_of_another_age_is_refused_with_a_fresh_way_in(maya: Hand) -> None:
    console = message_of(await maya.types("console bills"))
    for element in elements(console):
        element.pop("value", None)
    with pytest.raises(Outdated, match="/runway"):
        await maya.presses(console, "Approve")


async def test_asking_for_quiet_is_confirmed_with_the_day(maya: Hand) -> None:
    alerts = Message(Mrkdwn("Today."), (actions(button("Quiet until tomorrow", Click.QUIET)),))
    assert "I write nothing unasked until Tue 24 Nov." in note_of(await maya.presses(alerts, "Quiet", Origin.MESSAGE))


def _refs(view: object) -> list[str]:
    return list(dict.fromkeys(re.findall(r"Bill (B-\d+)", str(view))))
