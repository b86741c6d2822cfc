"""Settings, roles, vendors, known items, digest, sync and the rest, as hands meet them."""

import pytest

from bot.replies import FieldErrors, Origin
from bot.views.blocks import Home
from bot.views.home import draw_home
from bot.views.ids import Click
from bot.views.scene import Scene
from domains.people import Caller, list_roles
from kit.errors import NotAllowed, Outdated, Refused
from orchestrators.home import HomeOrchestrator
from tests.integration.bot.hand import Hand, elements, message_of, modal_of, note_of
from tests.integration.desk.company import OMAR, Company


async def test_the_floor_is_changed_in_a_form_that_holds_what_was_in_force(maya: Hand) -> None:
    settings = message_of(await maya.types("settings"))
    form = modal_of(await maya.presses(settings, "Cash floor"))
    saved = message_of(await maya.sends(form, floor_cash="$12,500.00"))
    said = "Saved. Cash floor: $0.00 before, $12,500.00 now. The other owners are told.\n"
    assert saved.text.startswith(said)
    assert "Pay days: Tuesday, Thursday." in saved.text


async def test_each_form_of_settings_says_exactly_what_it_changed(maya: Hand) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("settings")), "Digest"))
    saved = message_of(await maya.sends(form, channel="C0FINANCE", amounts_in_channel="show", hour="8"))
    assert saved.text.startswith(
        "Saved. Digest channel: not chosen before, <#C0FINANCE> now. Amounts in the channel: not chosen before, shown"
        " now. Digest hour: 9:00 AM before, 8:00 AM now. The other owners are told.\n"
    )
    assert "Cash floor" not in saved.text.splitlines()[0]
    rules = modal_of(await maya.presses(saved, "Cash floor"))
    days = message_of(await maya.sends(rules, pay_days=("1", "5"), floor_days="21"))
    assert days.text.startswith(
        "Saved. Warn below the floor within: 14 days before, 21 days now."
        " Pay days: Tuesday, Thursday before, Monday, Friday now."
    )


@pytest.mark.parametrize("form", ["Digest", "Cash floor"])
async def test_a_form_sent_back_as_it_was_changes_nothing_and_says_so(maya: Hand, form: str) -> None:
    first = modal_of(await maya.presses(message_of(await maya.types("settings")), "Digest"))
    await maya.sends(first, amounts_in_channel="hide")
    settings = message_of(await maya.types("settings"))
    again = message_of(await maya.sends(modal_of(await maya.presses(settings, form))))
    assert again.text.startswith("Nothing changed.\n")
    assert modal_of(await maya.presses(again, form)).metadata == "1"


@pytest.mark.parametrize(
    ("field", "value"),
    [("floor_cash", "a lot"), ("floor_cash", "-5"), ("floor_days", "400"), ("pay_days", ()), ("floor_cash", "")],
)
async def test_a_value_that_cannot_be_is_said_under_its_field(
    maya: Hand, field: str, value: str | tuple[str, ...]
) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("settings")), "Cash floor"))
    answer = await maya.sends(form, **{field: value})
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {field}


async def test_settings_that_somebody_changed_meanwhile_are_not_overwritten(maya: Hand, omar: Hand) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("settings")), "Cash floor"))
    other = modal_of(await omar.presses(message_of(await omar.types("settings")), "Cash floor"))
    await omar.sends(other, floor_cash="100")
    with pytest.raises(Outdated, match="Nothing of yours was saved"):
        await maya.sends(form, floor_cash="200")


async def test_the_digest_is_set_up_in_one_form(maya: Hand) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("settings")), "Digest"))
    assert await maya.sends(form) == FieldErrors({"amounts_in_channel": "Please fill this in."})
    saved = message_of(await maya.sends(form, channel="C0FINANCE", amounts_in_channel="hide", weekday="5", hour="7"))
    assert "Weekly digest: Friday at 7:00 AM (America/Los Angeles)." in saved.text
    assert "Digest channel: <#C0FINANCE>." in saved.text
    assert "Amounts in the channel: hidden." in saved.text


async def test_a_person_gets_a_role_and_a_limit_with_an_end(maya: Hand) -> None:
    roles = message_of(await maya.types("roles"))
    form = modal_of(await maya.presses(roles, "Change roles"))
    saved = message_of(await maya.sends(form, slack_user="UMEL", roles=("advisor", "member")))
    assert saved.text.startswith("Saved. <@UMEL>: member before, advisor and member now.")
    same = message_of(await maya.sends(form, slack_user="UMEL", roles=("advisor", "member")))
    assert same.text.startswith("Nothing changed.")
    lend = modal_of(await maya.presses(saved, "Let somebody approve"))
    lent = message_of(await maya.sends(lend, slack_user="UMEL", limit="2,500"))
    assert "<@UMEL>: advisor, member. May approve up to $2,500.00 a bill" in lent.text
    assert lent.text.startswith("Saved. <@UMEL> may approve up to $2,500.00 a bill and $7,500.00 a day, from ")
    ended = message_of(await maya.presses(lent, "End limit"))
    assert ended.text.startswith("Ended. <@UMEL> can propose bills, and approves none any more.")
    assert "May approve up to" not in ended.text


async def test_a_limit_for_who_is_no_advisor_is_refused_without_an_id_in_the_sentence(maya: Hand) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("roles")), "Let somebody approve"))
    answer = await maya.sends(form, slack_user="UMEL", limit="2500")
    assert isinstance(answer, FieldErrors)
    assert answer.errors["slack_user"].startswith("That person")


async def test_a_tier_is_set_where_the_vendor_stands(maya: Hand) -> None:
    vendors = message_of(await maya.types("vendors"))
    saved = message_of(await maya.picks(vendors, Click.TIER, "2"))
    assert "tier 2 (key vendor), set by <@UMAYA>." in saved.text
    cleared = message_of(await maya.picks(saved, Click.TIER, "none"))
    assert "set by" not in cleared.text


async def test_a_known_item_is_added_listed_and_removed(maya: Hand) -> None:
    form = modal_of(await maya.types("known add"))
    answer = await maya.sends(form, label="Tax", amount="-5")
    assert answer == FieldErrors({"amount": "Please write an amount above zero."})
    listed = message_of(await maya.sends(form, label="Tax", amount="4,000", on="2026-12-15", repeat="quarterly"))
    assert "Tax: $4,000.00 out on Tue 15 Dec, then every quarter. Added by <@UMAYA>." in listed.text
    assert "Tax" not in message_of(await maya.presses(listed, "Remove")).text


async def test_money_is_set_aside_and_released(maya: Hand) -> None:
    form = modal_of(await maya.presses(message_of(await maya.types("known list")), "Set money aside"))
    listed = message_of(await maya.sends(form, label="Payroll tax", amount="5000"))
    assert "Available cash $40,000.00." in message_of(await maya.types("")).text
    await maya.presses(listed, "Release")
    assert "Available cash $45,000.00." in message_of(await maya.types("")).text


async def test_a_figure_of_the_forecast_opens_into_rows_that_can_be_paged(maya: Hand) -> None:
    forecast = message_of(await maya.types("forecast"))
    opened = note_of(await maya.picks(forecast, Click.WHY, "open_bills"))
    assert opened.startswith("Open bills: $22,800.00.")
    assert "$20,000.00" in opened


async def test_the_audit_tells_what_happened_to_a_bill(maya: Hand) -> None:
    await maya.types("approve B-145")
    told = message_of(await maya.types("audit B-145")).text
    assert told.startswith("*What happened to B-145*")
    assert "<@UMAYA>" in told
    assert "(typed)" in told


async def test_the_digest_is_previewed_by_who_may_see_and_posted_by_who_may_manage(maya: Hand, mel: Hand) -> None:
    preview = message_of(await maya.types("digest preview"))
    assert "Preview: only you see this, nothing was posted." in preview.text
    assert "The digest is being built and posted now." in note_of(await maya.presses(preview, "Post it now"))
    assert "The digest is on its way already." in note_of(await maya.types("digest now"))
    with pytest.raises(NotAllowed):
        await mel.types("digest")
    with pytest.raises(Refused, match="/runway digest preview"):
        await maya.types("digest tomorrow")


async def test_the_test_drive_tells_of_the_past_weeks(maya: Hand) -> None:
    told = message_of(await maya.types("testdrive")).text
    assert told.startswith("*A test drive on the books of")
    assert "Nothing is written or posted" in told


async def test_a_sync_is_ordered_by_who_may_and_its_health_is_told(maya: Hand, ava: Hand) -> None:
    ordered = message_of(await maya.types("sync"))
    assert ordered.text == "Bringing the books up to date. The progress is in your messages with Runway."
    assert "Runway’s copy of" in message_of(await maya.presses(ordered, "Sync status")).text
    with pytest.raises(NotAllowed, match="<@UMAYA>"):
        await ava.types("sync")
    with pytest.raises(Refused, match="/runway sync full"):
        await maya.types("sync quickly")


async def test_connecting_hands_out_an_address_for_one_person(maya: Hand, mel: Hand) -> None:
    drawn = message_of(await maya.types("connect"))
    url = next(one["url"] for one in elements(drawn) if "url" in one)
    assert url.startswith("http://127.0.0.1:8000/qbo/connect?ticket=")
    assert "QuickBooks is connected: *Harbor &amp; Pine Studio*." in drawn.text
    with pytest.raises(NotAllowed, match="<@UMAYA>"):
        await mel.types("connect")


async def test_disconnecting_names_the_company_and_asks(maya: Hand) -> None:
    asked = message_of(await maya.types("disconnect"))
    assert asked.text.startswith("Disconnect *Harbor &amp; Pine Studio*?")
    assert elements(asked)[0]["confirm"]["title"]["text"] == "Disconnect QuickBooks?"


async def test_home_leads_to_the_very_record_that_waits(company: Company, maya: Hand, omar: Hand) -> None:
    await maya.types("approve B-150")
    tray = message_of(await maya.types("tray"))
    await maya.sends(modal_of(await maya.presses(tray, "Assign")), to=OMAR)
    home = await _home(company, omar)
    second = message_of(await omar.presses(home, "Open", Origin.HOME))
    assert "Proposed by <@UMAYA>" in second.text
    assert "Approve as second" in str(elements(second))
    lists = {one["text"]["text"] for one in elements(home)}
    assert {"Open console", "Open tray", "Settings", "Help"} <= lists
    assigned = message_of(
        await omar.presses(
            home, "Open", Origin.HOME, nth=next(at for at, label in enumerate(_labels(home)) if label.endswith("147"))
        )
    )
    assert "Assigned to <@UOMAR> by <@UMAYA>" in assigned.text


async def _home(company: Company, hand: Hand) -> Home:
    async with company.db.tenant_session(company.business) as session:
        caller = Caller(hand.person, await list_roles(session, hand.person))
        result = await HomeOrchestrator(session, company.clock).get_home(caller)
    return draw_home(result, Scene(company.clock.now(), "UTC"))


def _labels(home: Home) -> list[str]:
    """What a screen reader says of each button whose words begin with Open."""
    opening = [one for one in elements(home) if one["text"]["text"].startswith("Open")]
    return [str(one.get("accessibility_label")) for one in opening]


async def test_help_is_for_everybody(mel: Hand) -> None:
    assert "`/runway tray`" in message_of(await mel.types("help")).text
