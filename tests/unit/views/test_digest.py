"""The digest in fifteen seconds: verdict, what moved, who must act; never an amount where none may be shown."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.views.digest import draw_digest
from bot.views.digest_orders import draw_standing
from bot.views.testdrive import draw_testdrive
from calculators.insights import InsightKind
from calculators.runway import Status
from domains.decisions import Phase
from domains.issues.catalogue import IssueCode
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.console import Voice
from orchestrators.results.digest import Chase, DecidedLine, InsightLine, Move, MoveKind, Verdict, VerdictKind
from tests.unit.views.opinions import shown
from tests.unit.views.reading import buttons, words
from tests.unit.views.samples import desk, weekly
from tests.unit.views.samples.base import ADVISOR, NOW, OWNER, SCENE, benign, bill_ref, day, usd


def test_the_verdict_opens_the_digest_and_its_text() -> None:
    drawn = draw_digest(weekly.digest(benign()), SCENE)
    verdict = "We are okay: the lowest cash in 13 weeks is $12,300.00 on Fri 11 Dec, $2,300.00 above the floor."
    assert words(drawn).startswith(verdict)
    assert drawn.text.startswith(verdict)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (VerdictKind.THIN, "Okay, but thin: the lowest cash in 13 weeks is $12,300.00 on Fri 11 Dec, $2,300.00 above"),
        (VerdictKind.BELOW_FLOOR, "Not okay: cash falls below the floor on Fri 11 Dec (lowest $12,300.00)."),
        (VerdictKind.BELOW_ZERO, "Not okay: cash runs out on Fri 11 Dec (lowest $2,300.00)."),
    ],
)
def test_each_verdict_is_one_plain_sentence(kind: VerdictKind, sentence: str) -> None:
    verdict = Verdict(kind, Status.WARNING, day(20), usd("2300"), None)
    assert draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text.startswith(sentence)


def test_what_is_short_on_the_books_alone_says_whether_the_usual_pace_makes_up_for_it() -> None:
    holds = Verdict(VerdictKind.BELOW_ZERO, Status.WARNING, day(20), usd("-900"), None, usd("11000"))
    told = draw_digest(weekly.digest(benign(), verdict=holds), SCENE).text
    assert told.startswith(
        "Depends on new sales: with what is in the books cash runs out on Fri 11 Dec;"
        " at the usual pace it stays at $11,000.00 or more."
    )
    soon = replace(holds, status=Status.CRITICAL)
    urgent = draw_digest(weekly.digest(benign(), verdict=soon), SCENE).text.split("\n")[0]
    assert urgent.startswith("Critical without new sales: with what is in the books cash runs out on Fri 11 Dec;")
    assert urgent.endswith("or more: until those sales are in the bank, pay only what cannot wait.")
    falls = replace(holds, expected_low=usd("9000"))
    told = draw_digest(weekly.digest(benign(), verdict=falls), SCENE).text
    assert told.startswith(
        "Not okay: cash runs out on Fri 11 Dec (lowest -$900.00),"
        " and at the usual pace falls to $9,000.00, below the floor."
    )


def test_what_holds_on_the_books_but_not_at_the_usual_pace_is_not_simply_okay() -> None:
    verdict = Verdict(VerdictKind.COVERED, Status.HEALTHY, day(20), usd("2300"), None, usd("-50"))
    told = draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text.split("\n")[0]
    assert told.startswith("Okay on the books: the lowest cash in 13 weeks is $12,300.00 on Fri 11 Dec")
    assert told.endswith("; at the usual pace it falls to -$50.00.")
    hidden = draw_digest(weekly.digest(benign(), verdict=verdict, amounts=False), SCENE).text.split("\n")[0]
    assert hidden.endswith("; at the usual pace it falls short.")


def test_of_two_low_points_the_lower_is_told_too() -> None:
    verdict = Verdict(VerdictKind.COVERED, Status.HEALTHY, day(20), usd("2300"), None, usd("11000"))
    told = draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text.split("\n")[0]
    assert told.endswith("on Fri 11 Dec, $2,300.00 above the floor; at the usual pace it is $11,000.00.")
    higher = replace(verdict, expected_low=usd("13000"))
    assert "usual pace" not in draw_digest(weekly.digest(benign(), verdict=higher), SCENE).text.split("\n")[0]


def test_a_verdict_too_long_for_a_header_is_not_cut() -> None:
    verdict = Verdict(VerdictKind.THIN, Status.WARNING, day(20), usd("2300"), None, usd("11000"))
    drawn = draw_digest(weekly.digest(benign(), verdict=verdict), SCENE)
    told = drawn.text.split("\n")[0]
    assert len(told) > 150
    assert drawn.payload()["blocks"][0]["text"]["text"] == f"*{told}*"


def test_figures_of_books_in_disorder_are_doubted_before_they_are_told() -> None:
    told = words(draw_digest(weekly.digest(benign(), data_quality=32), SCENE))
    assert told.split("\n")[1].startswith("*Data quality is only 32 of 100: these figures may be far off")
    assert told.count("32 of 100") == 1


def test_what_moved_is_told_once_and_what_is_worth_knowing_ends_with_its_evidence() -> None:
    told = words(draw_digest(weekly.digest(benign()), SCENE)).partition("*Worth knowing*")[2].partition("*Decided")[0]
    assert "• Acme Supply owes $4,200.00 (B-1).\n" in told
    assert told.count("•") == len(weekly.INSIGHTS) - 1
    breach = InsightLine(
        InsightKind.FLOOR_BREACH, "Cash falls. Largest payments until then:", Decimal(5), ("B-1", "B-2")
    )
    assert "• Cash falls. Largest payments until then: B-1, B-2.\n" in words(
        draw_digest(weekly.digest(benign(), insights=(breach,)), SCENE)
    )
    alone = draw_digest(weekly.digest(benign(), insights=(replace(breach, evidence=()),), amounts=False), SCENE)
    assert "• Cash falls short.\n" in words(alone)


def test_what_is_below_zero_already_does_not_lie_ahead() -> None:
    verdict = Verdict(VerdictKind.BELOW_ZERO, Status.CRITICAL, day(0), usd("-900"), None)
    assert draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text.startswith(
        "Not okay: cash is below zero today (lowest -$900.00)."
    )


def test_a_thin_week_says_what_makes_it_thin() -> None:
    verdict = Verdict(VerdictKind.THIN, Status.WARNING, day(20), usd("2300"), None)
    told = draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text
    assert told.split("\n")[0].endswith("above the floor; without receipts cash lasts 45 days.")


def test_a_thin_week_without_free_cash_says_where_it_went() -> None:
    verdict = Verdict(VerdictKind.THIN, Status.CRITICAL, day(20), usd("2300"), None)
    spent = replace(desk.CASH, available=usd("-1"))
    told = draw_digest(weekly.digest(benign(), verdict=verdict, cash=spent), SCENE).text.split("\n")[0]
    assert told.endswith("; all cash in the bank is approved or set aside already.")


def test_one_caller_is_named_once() -> None:
    calls = tuple(Chase(desk.invoice(benign(), number), ADVISOR) for number in (1, 2))
    told = words(draw_digest(weekly.digest(benign(), chase=calls), SCENE))
    assert told.count("<@U0NOOR>") == 1
    assert "<@U0NOOR> should call:\n• *Acme Supply* owes $3,000.00, 34 days past due · I-1" in told


def test_what_was_perhaps_paid_already_is_said_before_anybody_calls_or_pays() -> None:
    unsent = Chase(desk.invoice(benign(), 1, also=(IssueCode.NEVER_SENT, IssueCode.STALE_OPEN)), ADVISOR)
    payable = desk.bill(benign(), due=day(-200), also=(IssueCode.STALE_OPEN, IssueCode.UNCATEGORISED))
    told = words(draw_digest(weekly.digest(benign(), chase=(unsent,), decisions=(payable,)), SCENE))
    assert "• *Acme Supply* owes $3,000.00, 34 days past due, never sent, perhaps paid already · I-1" in told
    assert "200 days overdue, perhaps paid already · B-412" in told


def test_an_approval_names_all_who_said_yes_and_whom_they_stood_for() -> None:
    voices = (Voice(ADVISOR, NOW, OWNER), Voice("U0OMAR", NOW, None))
    approved = DecidedLine(bill_ref(7), "Acme Supply", usd("9"), Phase.HANDED_OFF, OWNER, NOW, day(5), None, voices)
    held = replace(approved, phase=Phase.HELD, held_until=day(14))
    told = words(draw_digest(weekly.digest(benign(), decided=(approved, held)), SCENE))
    assert "held by <@U0MAYA> until Sat 5 Dec · B-7" in told
    assert "approved by <@U0NOOR> for <@U0MAYA> and <@U0OMAR>, handed off, to be paid by" in told


def test_an_unknown_verdict_says_what_is_missing() -> None:
    why = Condition(Unknown.NOT_ENOUGH_HISTORY, days_known=12, days_needed=28)
    verdict = Verdict(VerdictKind.UNKNOWN, Status.UNKNOWN, None, None, why)
    told = draw_digest(weekly.digest(benign(), verdict=verdict), SCENE).text
    assert told.startswith("We can’t tell yet. Not enough history: 12 days of books, 28 are needed.")


def test_what_moved_adds_up_and_names_each_cause() -> None:
    shown_ = words(draw_digest(weekly.digest(benign()), SCENE))
    assert (
        "Runway is 3 days shorter than at the last digest: money received +$4,200.00 (+4.2 days);"
        " payments made -$6,100.00 (-6.1 days); faster spending (-1.1 days). 3 new bills came in: $2,500.00."
    ) in shown_
    assert sum((move.days for move in weekly.variance().moves if move.days), Decimal(0)) == Decimal("-3.0")


def test_what_rounding_leaves_is_not_told_as_spending() -> None:
    rest = replace(weekly.variance(), runway_days=Decimal("-0.1"), moves=(Move(MoveKind.PACE, None, Decimal("-0.1")),))
    assert "*What moved*\nNothing moved since the last digest.\n" in words(
        draw_digest(weekly.digest(benign(), variance=rest), SCENE)
    )


def test_no_amount_is_written_where_the_channel_may_not_see_them() -> None:
    payload = draw_digest(weekly.digest(benign(), amounts=False), SCENE).payload()
    told = "\n".join(shown(payload))
    assert not re.search(r"[$€£]\s?\d|\d+\.\d\d\b", told)
    assert not {block["type"] for block in payload["blocks"]} & {"data_visualization", "table"}
    assert "Amounts are not shown here; who may see them types `/runway`." in told


def test_who_must_act_is_named_with_what_and_how_much() -> None:
    told = words(draw_digest(weekly.digest(benign()), SCENE))
    assert "*12 bills to decide*" in told
    assert "• *Acme Supply* $1,250.00, due Fri 27 Nov, in 6 days · B-0" in told
    assert "• *Acme Supply* owes $3,000.00, 34 days past due: <@U0NOOR> should call · I-130" in told


def test_a_verified_decision_says_what_quickbooks_shows() -> None:
    told = words(draw_digest(weekly.digest(benign()), SCENE))
    assert "$900.00: approved by <@U0MAYA>, seen paid in QuickBooks on Wed 18 Nov · B-710" in told
    assert "held by <@U0MAYA> · B-701" in told


def test_nothing_new_is_one_line() -> None:
    drawn = draw_digest(weekly.digest(benign(), quiet=True), SCENE)
    assert len(drawn.blocks) == 3
    assert "Nothing new since last week." in drawn.text


def test_late_stale_and_preview_are_said_before_the_figures() -> None:
    told = words(draw_digest(weekly.digest(benign(), late=True, stale=True, preview=True), SCENE))
    heading = told.split("\n")[1]
    assert "*The books are older than 24 hours; the figures are from then.*" in heading
    assert "Posted late: it was due at 10:42 AM, when Runway was not running." in heading
    assert "Preview: only you see this, nothing was posted." in heading


def test_the_age_of_the_data_and_the_anchor_of_the_log_close_it() -> None:
    told = words(draw_digest(weekly.digest(benign()), SCENE))
    assert "Books as of today at 1:42 PM. Data quality 87 of 100." in told
    assert "Past forecasts: 5 of 6 came out between their low and their high;" in told
    assert "four weeks ahead they were 6 % off on average." in told
    assert "Audit log up to `abababababab`." in told


def test_more_issues_shown_is_more_issues_read() -> None:
    names = benign()
    issues = tuple(desk.item(names, IssueCode.MISSING_DUE_DATE, number) for number in range(100))
    few = words(draw_digest(weekly.digest(names, issues=issues[:20], issues_total=120), SCENE))
    many = words(draw_digest(weekly.digest(names, issues=issues, issues_total=120), SCENE))
    assert "Also no due date (17) and 100 more." in few
    assert "Also no due date (97) and 20 more." in many


def test_the_buttons_lead_into_console_and_tray_and_are_absent_without_acts() -> None:
    assert buttons(draw_digest(weekly.digest(benign()), SCENE)) == ["Open console (16)", "Open tray (9)"]
    assert buttons(draw_digest(weekly.digest(benign(), acts=()), SCENE)) == []


def test_only_a_preview_for_who_may_offers_to_post() -> None:
    preview = weekly.digest(benign(), preview=True)
    assert "Post it now" in buttons(draw_digest(preview, SCENE, may_post=True))
    assert "Post it now" not in buttons(draw_digest(preview, SCENE))


def test_weeks_that_cannot_be_told_for_one_reason_are_one_line() -> None:
    drive = weekly.testdrive(benign(), fictional=False)
    lost = drive.weeks[1]
    told = draw_testdrive(replace(drive, weeks=(lost, replace(lost, on=day(-7)), drive.weeks[0])), SCENE).text
    assert (
        "Sat 7 Nov to Sat 14 Nov: cash on those days cannot be rebuilt."
        " Not every posting to Acme Supply can be dated.\nSat 14 Nov: cash $41,000.00" in told
    )


def test_a_test_drive_says_what_it_is_what_it_cannot_do_and_what_is_missing() -> None:
    drawn = draw_testdrive(weekly.testdrive(benign(), fictional=True), SCENE)
    assert drawn.text.startswith("*This is a made-up company, Acme Supply: your own books are not connected yet.*")
    assert "Nothing is written or posted, in Slack or in QuickBooks." in drawn.text
    assert "Sat 7 Nov: cash on that day cannot be rebuilt." in words(drawn)
    assert "Sat 14 Nov: cash $41,000.00, runway 45 days (healthy); $4,200.00 received, $6,100.00 paid out" in words(
        drawn
    )
    assert "What could not be rebuilt from the books: Acme Supply." in words(drawn)


def test_an_updated_digest_says_when_by_whom_and_since_when_it_stands() -> None:
    told = draw_digest(weekly.digest(benign(), revision=weekly.REVISION), SCENE).text
    assert "*Updated at 3:42 PM by <@U0MAYA>*; first posted on Thu 19 Nov at 3:42 PM." in told


def test_a_digest_that_stands_is_shown_with_its_place_and_one_button() -> None:
    message = draw_standing(weekly.STANDING, SCENE, "https://slack.test/archives/C1/p1")
    assert message.text == (
        "This week’s digest was posted on Thu 19 Nov at 3:42 PM in <#C0FIN>. "
        "<https://slack.test/archives/C1/p1|See it>. Nothing was posted again."
    )
    [button] = message.payload()["blocks"][1]["elements"]
    assert button["text"]["text"] == "Update it"
