"""Forms, lists and first steps: what is in force, what is not chosen yet, what happens next."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.views.audit import draw_audit
from bot.views.connect import draw_connect, draw_disconnect, draw_disconnected
from bot.views.forecast import draw_forecast, draw_why
from bot.views.home import draw_home
from bot.views.known import draw_known, known_form
from bot.views.onboarding import draw_welcome
from bot.views.paylist import draw_paylist, hand_off_said
from bot.views.roles import draw_roles
from bot.views.settings import digest_form, draw_settings, policy_form
from bot.views.sync import draw_sync_progress
from bot.views.sync_status import draw_sync_status
from bot.views.vendors import draw_vendors
from domains.freshness import Freshness
from domains.issues.catalogue import IssueCode, RecordKind
from domains.people import Role
from domains.policy import Policy
from orchestrators.references import ref_of
from orchestrators.results.console import Voice
from orchestrators.results.forecast import Figure, Point, WhyResult, WhyRow
from orchestrators.results.home import HomeTask, TaskKind
from orchestrators.results.onboarding import SyncState
from orchestrators.results.settings import AuditLine, SettingsAct
from orchestrators.results.sync import EntityLine
from tests.unit.views.reading import button, buttons, fields, words
from tests.unit.views.samples import ahead, desk, house
from tests.unit.views.samples.base import ADVISOR, NOW, OWNER, SCENE, benign, day, usd


def test_dates_carry_the_year_only_when_it_is_not_this_one() -> None:
    assert SCENE.day(date(2026, 11, 27)) == "Fri 27 Nov"
    assert SCENE.day(date(2027, 1, 1)) == "Fri 1 Jan 2027"


def test_the_connect_button_opens_the_address_and_says_how_long_it_works() -> None:
    drawn = draw_connect("https://runway.example/qbo/connect?ticket=t")
    assert button(drawn, "Connect QuickBooks")["url"] == "https://runway.example/qbo/connect?ticket=t"
    assert "works once, for you, for 10 minutes" in drawn.text
    assert "It never moves money" in drawn.text


def test_whoever_lost_access_or_switches_is_told_what_stands() -> None:
    url = "https://runway.example/qbo/connect?ticket=t"
    lost = draw_connect(url, company="Acme", lost=True)
    assert lost.text.startswith("QuickBooks no longer lets Runway in. Connect *Acme* again.")
    assert button(lost, "Connect again")["url"] == url
    assert "What was decided about these bills ends;" in draw_connect(url, company="Acme", switch=True).text


def test_an_address_that_is_not_safe_is_a_bug() -> None:
    with pytest.raises(ValueError, match="https"):
        draw_connect("http://evil.example/")


def test_only_what_intuit_confirmed_is_called_revoked() -> None:
    assert "access is revoked." in draw_disconnected("Acme", revoked=True).text
    assert "Intuit did not confirm that the access is revoked" in draw_disconnected("Acme", revoked=False).text


def test_disconnecting_is_asked_twice_and_names_the_company() -> None:
    asked = button(draw_disconnect("Acme <Supply>"), "Disconnect")["confirm"]
    assert "Acme ‹Supply›" in asked["text"]["text"]


def test_the_forecast_is_a_sentence_a_chart_a_table_and_its_assumptions() -> None:
    drawn = draw_forecast(ahead.forecast(benign()), SCENE)
    kinds = [block["type"] for block in drawn.blocks]
    assert kinds[:3] == ["section", "data_visualization", "table"]
    assert drawn.text.startswith(
        "In the next 13 weeks cash is lowest on Fri 11 Dec at $12,300.00 with what is in the books."
    )
    assert words(drawn).count("• Acme Supply pays 12 days after the due date: $9,000.00") == 5


def test_a_breach_is_told_by_its_first_day_and_nothing_is_told_twice() -> None:
    low = replace(desk.BREACH, on=day(91), balance=usd("-1200"))
    points = (Point(day(0), *[usd("5")] * 4), Point(day(91), usd("-1200"), *[usd("-900")] * 3))
    at_the_end = replace(ahead.outlook(benign()), low_water=low, points=points)
    told = draw_forecast(ahead.forecast(benign(), outlook=at_the_end), SCENE).text.split("\n")[0]
    assert "at -$1,200.00 with what is in the books, first below zero on Wed 9 Dec. At the usual pace it is" in told
    assert "It ends on" not in told
    alike = replace(at_the_end, low_water=replace(low, balance=usd("-900"), first_below_zero=None))
    told = draw_forecast(ahead.forecast(benign(), outlook=alike), SCENE).text.split("\n")[0]
    assert told.endswith("first below your floor of $10,000.00 on Thu 3 Dec. At the usual pace too.")


def test_every_figure_that_can_be_opened_is_in_the_menu() -> None:
    drawn = draw_forecast(ahead.forecast(benign()), SCENE)
    menu = next(block["accessory"] for block in drawn.blocks if "accessory" in block)
    assert {option["value"] for option in menu["options"]} == set(ahead.forecast(benign()).figures)


def test_a_figure_opens_into_rows_the_rule_and_the_sync_time() -> None:
    told = words(draw_why(ahead.why(benign()), SCENE))
    assert told.startswith("*Open bills: $10,000.00*")
    assert "Fri 20 Nov · Acme Supply · <https://app.qbo.intuit.com/app/bill?txnId=1|B-1>: $1,250.00" in told
    assert "The open balance of every bill that is neither deleted nor voided." in told
    assert "As of Sat 21 Nov. Books as of today at 3:42 PM." in told


def test_the_pay_list_names_each_bill_day_and_approver_and_asks_before_handing_off() -> None:
    drawn = draw_paylist(ahead.paylist(benign()), SCENE)
    assert drawn.text.startswith("3 approved bills to hand off, $3,750.00.")
    assert "Approved by <@U0NOOR> for <@U0MAYA>, to be paid by Thu 26 Nov." in words(drawn)
    asked = button(drawn, "Hand off")["confirm"]["text"]["text"]
    assert button(drawn, "Hand off")["confirm"]["title"]["text"] == "Hand off 3 bills, $3,750.00?"
    assert "Acme Supply $1,250.00" in asked
    assert "Afterwards it cannot be undone." in asked


def test_a_long_pay_list_shows_every_bill_that_would_be_handed_off() -> None:
    told = words(draw_paylist(ahead.paylist(benign(), 60), SCENE))
    assert all(f"B-{412 + at} " in told for at in range(60))


def test_what_stayed_at_hand_off_says_why() -> None:
    said = hand_off_said(ahead.hand_off(benign()))
    assert "Handed off 1 bill: Acme Supply B-412 $1,250.00." in said
    assert "• Acme Supply B-999 $1,250.00 stayed: Acme Supply was changed in QuickBooks." in said


def test_settings_say_what_is_not_chosen_yet() -> None:
    drawn = draw_settings(house.settings(benign(), policy=Policy(), changed_by=None), SCENE)
    assert "Digest channel: not chosen yet." in drawn.text
    assert "Amounts in the channel: not chosen yet, so none are shown." in drawn.text
    assert "Until a channel is chosen, the digest comes to an owner as a direct message." in words(drawn)


def test_who_may_not_change_settings_is_offered_nothing() -> None:
    assert buttons(draw_settings(house.settings(benign(), acts=()), SCENE)) == []
    assert buttons(draw_roles(house.settings(benign(), acts=()), SCENE)) == []


def test_an_admin_changes_roles_and_is_told_when_nobody_is_an_owner() -> None:
    people = tuple(line for line in house.settings(benign()).people if Role.OWNER not in line.roles)
    drawn = draw_roles(house.settings(benign(), acts=(SettingsAct.EDIT,), people=people), SCENE)
    assert buttons(drawn) == ["Change roles…"]
    assert "Nobody is an owner, so nobody can approve bills. An admin can make somebody one." in drawn.text


def test_the_forms_hold_what_is_in_force_and_the_version_that_was_seen() -> None:
    policy, digest = policy_form(house.settings(benign())), digest_form(house.settings(benign()))
    assert policy.metadata == digest.metadata == "3"
    assert policy.payload()["blocks"][0]["element"]["initial_value"] == "10000.00"
    assert fields(digest) == ["channel", "amounts_in_channel", "weekday", "hour", "zone", "enabled"]


def test_roles_say_who_may_approve_what_until_when() -> None:
    told = words(draw_roles(house.settings(benign()), SCENE))
    assert "<@U0MAYA>: owner, admin." in told
    assert "<@U0NOOR>: advisor. May approve up to $2,500.00 a bill from Sat 21 Nov to Mon 21 Dec." in told


def test_a_suggested_tier_is_not_mistaken_for_a_confirmed_one() -> None:
    drawn = draw_vendors(house.vendors(benign()), SCENE)
    assert "tier 1 (must pay) suggested by the account Acme Supply, not confirmed." in words(drawn)
    assert "12 vendors. 4 suggestions to confirm." in drawn.text
    one = button(draw_vendors(replace(house.vendors(benign()), unconfirmed=1), SCENE), "Confirm the suggestion")
    assert one["confirm"]["text"]["text"].startswith("1 vendor gets the tier that is suggested.")


def test_known_items_say_which_way_how_much_and_how_often() -> None:
    told = words(draw_known(house.known(benign()), SCENE))
    assert "Acme Supply: $4,000.00 out on Tue 15 Dec, then every quarter. Added by <@U0MAYA>." in told
    assert "Acme Supply: $3,000.00 set aside by <@U0MAYA>." in told
    assert fields(known_form(SCENE, "USD")) == ["label", "direction", "amount", "on", "repeat", "until"]


def test_the_audit_reads_as_who_did_what_for_whom_from_where() -> None:
    told = words(draw_audit(house.audit(benign()), SCENE))
    assert "Today at 3:42 PM <@U0MAYA> for <@U0NOOR> · approved · B-412: Acme Supply → Acme Supply (typed)" in told
    assert "· connected QuickBooks: " in told
    assert "newest entry `abababababab`" in told
    assert "Left out: 21 refused requests" in words(draw_audit(house.audit(benign(), subject=None, refused=21), SCENE))
    assert draw_audit(house.audit(benign(), subject="<@U0NOOR|noor>"), SCENE).text.startswith("*What <@U0NOOR> did*")
    undated = IssueCode.MISSING_DUE_DATE
    snoozed = AuditLine(9, NOW, OWNER, "item.snoozed", "B-412", None, "until Fri 4 Dec", "C1:1.1", None, undated)
    told = words(draw_audit(house.audit(benign(), lines=(snoozed,)), SCENE))
    assert "<@U0MAYA> · snoozed · B-412 (no due date): until Fri 4 Dec (in a message)" in told
    untouched = house.audit(benign(), lines=(), subject="B-9")
    assert draw_audit(untouched, SCENE).text == "Nothing is on record about B-9 so far."
    assert draw_audit(replace(untouched, subject="Refused"), SCENE).text == "Nothing was refused so far."
    idle = replace(untouched, subject="<@U0NOOR|noor>")
    assert draw_audit(idle, SCENE).text == "<@U0NOOR> did nothing so far that is on record."


def test_home_is_a_queue_before_it_is_anything_else() -> None:
    told = words(draw_home(house.home(benign()), SCENE))
    assert told.startswith("Waiting for you")
    assert told.index("needs your yes as the second approver") < told.index("Where you stand")
    assert "Nothing waits for you." in words(draw_home(house.home(benign(), tasks=()), SCENE))


def test_home_names_who_approved_and_not_who_proposed() -> None:
    voices = (Voice(ADVISOR, NOW, OWNER),)
    task = HomeTask(TaskKind.MISMATCH, 1, "B-9", "Acme Supply", by="U0AVA", voices=voices)
    told = words(draw_home(house.home(benign(), tasks=(task,)), SCENE))
    assert "QuickBooks does not match what was approved (approved by <@U0NOOR> for <@U0MAYA>)." in told


def test_home_says_what_is_wrong_with_an_assigned_record_that_has_no_party() -> None:
    task = HomeTask(TaskKind.ASSIGNED, 1, "Invoice:1163:MISSING_CUSTOMER", None)
    told = words(draw_home(house.home(benign(), tasks=(task,), headline=None), SCENE))
    assert "Invoice I-1163: no customer. It is assigned to you." in told


def test_the_invoices_that_cannot_wait_are_told_as_a_part_of_all_to_chase() -> None:
    task = HomeTask(TaskKind.COLLECT, 3, of=11)
    told = words(draw_home(house.home(benign(), tasks=(task,)), SCENE))
    assert "*3 of 11 invoices* to chase are a month late or large: begin there." in told
    alone = words(draw_home(house.home(benign(), tasks=(HomeTask(TaskKind.COLLECT, 1, of=1),)), SCENE))
    assert "*1 invoice* to chase, a month late or large." in alone


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_row_of_any_kind_of_record_can_be_opened(kind: RecordKind) -> None:
    row = WhyRow("Acme Supply", None, usd("10"), ref_of(kind, "412"))
    offline = replace(SCENE, books="")
    result = house_why(rows=(row,))
    assert "412" in words(draw_why(result, SCENE))
    assert "412" in words(draw_why(result, offline))


def test_a_figure_per_day_is_told_per_day() -> None:
    spending = house_why(Figure.GROSS_BURN, total=usd("91000"), number=Decimal(1000))
    assert draw_why(spending, SCENE).text.startswith("Spending per day: $1,000.00; $91,000.00 in all.")
    quality = house_why(Figure.DATA_QUALITY, total=usd("500"), number=Decimal(84))
    assert draw_why(quality, SCENE).text.startswith("Data quality: 84 of 100; $500.00 open without an issue.")


def house_why(figure: Figure = Figure.OPEN_BILLS, **changes: Any) -> WhyResult:
    return ahead.why(benign(), figure, **changes)


def test_a_sync_that_found_nothing_new_says_so() -> None:
    quiet = replace(house.progress(SyncState.SUCCEEDED, first=False), done=0, entities=())
    assert draw_sync_progress(quiet, SCENE).text == "The books are up to date: nothing new at 3:42 PM."


def test_a_sync_that_waits_for_quickbooks_says_so_instead_of_standing_still() -> None:
    waiting = replace(house.progress(), reason="QuickBooks has a problem.")
    told = draw_sync_progress(waiting, SCENE).text
    assert told.endswith("QuickBooks has a problem. Runway tries again by itself.")


def test_a_sync_that_lost_its_access_leads_to_connecting_and_promises_no_repeat() -> None:
    drawn = draw_sync_progress(replace(house.progress(SyncState.FAILED), linked=False), SCENE)
    assert "tries again" not in drawn.text
    assert buttons(drawn) == ["Connect QuickBooks", "Sync status"]


def test_the_health_of_a_mirror_that_never_was_is_one_sentence() -> None:
    never = EntityLine("Bill", 0, 0, 0, None, Freshness.NEVER)
    status = replace(house.sync_status(benign()), entities=(never,), runs=(), last_success_at=None)
    assert "never read" not in draw_sync_status(status, SCENE).text


def test_a_member_is_offered_neither_figures_nor_settings() -> None:
    drawn = draw_home(house.home(benign(), tasks=(), headline=None, may_manage=False), SCENE)
    assert buttons(drawn) == ["Quiet hours…", "Help"]
    nobody = draw_home(house.home(benign(), tasks=(), headline=None, may_manage=False, roles=frozenset()), SCENE)
    assert "Your role: member. You see only what is assigned to you." in words(nobody)


def test_the_welcome_says_what_will_and_will_not_be_posted_and_one_next_step() -> None:
    drawn = draw_welcome(replace(house.first_steps(benign(), 1), spoken_for=()), SCENE)
    assert "until you choose one, it comes to an owner as a direct message." in drawn.text
    assert "1 of 5 steps done." in drawn.text
    assert buttons(drawn) == ["Connect QuickBooks", "Take a test drive"]


def test_progress_is_told_in_numbers_beside_the_bar() -> None:
    drawn = draw_sync_progress(house.progress(), SCENE)
    assert "Reading the books for the first time. 1,280 of 3,480 records read." in drawn.text
    assert "`███████░░░░░░░░░░░░░` 1,280 of 3,480 records read." in words(drawn)


def test_a_failed_sync_says_why_what_is_safe_and_what_to_quote() -> None:
    told = draw_sync_progress(house.progress(SyncState.FAILED), SCENE).text
    assert "The sync failed at 3:42 PM: QuickBooks asked us to wait." in told
    assert "Nothing that was read before is lost." in told
    assert "Reference for support: `1-abc`." in told


def test_sync_status_tells_rows_runs_cost_and_the_end_of_consent() -> None:
    drawn = draw_sync_status(house.sync_status(benign()), SCENE)
    assert "Runway’s copy of Acme Supply holds 6,000 records; the last sync succeeded at 1:42 PM." in drawn.text
    assert "1,200 bills and 3 deleted, read at 1:42 PM: up to date." in drawn.text
    assert "• Full sync at 12:42 PM by <@U0MAYA>: running; 64 requests, 5,200 new or changed, 2 del" in words(drawn)
    assert "“New or changed” also counts company details and preferences" in words(drawn)
    assert "1,834 reads from QuickBooks this month; one request can hold several." in words(drawn)
    assert "QuickBooks’ consent ends on Fri 11 Dec at 3:42 PM" in drawn.text
