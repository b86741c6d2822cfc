"""What outlasts Slack's patience is ordered by the click and told once it is done: the same to all who ask again."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.actions import read_ref
from bot.replies import Origin
from bot.views.blocks import Message
from bot.views.ids import Click
from domains.people import set_roles
from kit.clock import FrozenClock
from kit.db import Database
from orchestrators.console import DecisionConsoleDataOrchestrator
from tests.integration.bot.hand import elements
from tests.integration.desk.company import MAYA, TODAY, bill
from tests.integration.digest.clicked import URL, Desk, open_desk, planned


@pytest.fixture
async def desk(db: Database, business: UUID, clock: FrozenClock) -> Desk:
    return await open_desk(db, business, clock)


async def _hands_off(desk: Desk, listed: Message, person: str = MAYA) -> str:
    button = next(one for one in elements(listed) if one["action_id"] == Click.HAND_OFF)
    facts = {"ref": read_ref(button["value"]), "origin": Origin.EPHEMERAL, "response_url": URL}
    return str((await desk.asks(Click.HAND_OFF, person, **facts)).text)


async def _paylist(desk: Desk) -> Message:
    """B-201 and B-202, approved."""
    await planned(desk)
    for ref in ("B-201", "B-202"):
        await desk.asks("approve", origin=Origin.COMMAND, words=(ref,))
    return await desk.asks("paylist", origin=Origin.COMMAND)


async def _handed(desk: Desk) -> list[str]:
    async with desk.company.db.tenant_session(desk.company.business) as session:
        return list((await session.execute(text("SELECT csv FROM handoffs"))).scalars())


async def test_a_pay_list_is_handed_off_once_and_told_the_same_to_who_pressed_twice(desk: Desk) -> None:
    listed = await _paylist(desk)
    assert await _hands_off(desk, listed) == (
        "The pay list is being handed off: 2 bills. What comes of it will stand here."
    )
    await desk.run("HandOff")
    await _hands_off(desk, listed)
    await desk.run("HandOff")
    (_, first), (_, second) = desk.slack.replies
    assert first.text.startswith("Handed off 2 bills: Northshore Print B-201")
    assert "The CSV for whoever pays comes to you in a direct message." in first.text
    assert second.text == first.text
    assert len(await _handed(desk)) == 1


async def test_a_hand_off_whose_process_ended_before_it_could_tell_is_told_by_the_next(desk: Desk) -> None:
    await _hands_off(desk, await _paylist(desk))
    desk.slack.away = 1
    await desk.run("HandOff")
    assert desk.slack.replies == []
    await desk.stage.make_due()
    await desk.run("HandOff")
    ((_, told),) = desk.slack.replies
    assert told.text.startswith("Handed off 2 bills:")
    assert len(await _handed(desk)) == 1


async def test_a_list_that_changed_before_its_hand_off_is_not_handed_off_and_says_so(desk: Desk) -> None:
    listed = await _paylist(desk)
    await _hands_off(desk, listed)
    await _hands_off(desk, listed, "UOMAR")
    await desk.company.put(bill("201", 5_000, TODAY + timedelta(days=9)))
    async with desk.company.db.tenant_session(desk.company.business) as session:
        await DecisionConsoleDataOrchestrator(session, desk.company.clock).after_sync()
    await desk.run_all("HandOff")
    assert [told.text.partition("; ")[0] for _, told in desk.slack.replies] == [
        "The pay list changed since it was drawn. Nothing was handed off"
    ] * 2
    assert await _handed(desk) == []


async def test_who_lost_the_right_reads_why_and_nothing_of_the_list(desk: Desk) -> None:
    await _hands_off(desk, await _paylist(desk))
    async with desk.company.db.tenant_session(desk.company.business) as session:
        await set_roles(session, MAYA, [], by="test")
    await desk.run("HandOff")
    ((person, told),) = desk.slack.whispers
    assert person == MAYA
    assert "<@UOMAR> can" in told.text
    assert "B-201" not in told.text
    assert (desk.slack.replies, await _handed(desk)) == ([], [])


async def test_suggested_tiers_are_confirmed_behind_their_reply(desk: Desk) -> None:
    rent = bill("301", 900, TODAY + timedelta(days=9), vendor="57", account_id="62")
    await desk.company.put(rent)
    said = await desk.asks(Click.TIERS_CONFIRM, origin=Origin.EPHEMERAL, response_url=URL)
    assert said.text == "1 suggestion is being confirmed. What comes of it will stand here."
    await desk.run("ConfirmTiers")
    ((_, told),) = desk.slack.replies
    assert told.text.startswith("Confirmed 1 suggestion.")
    assert "tier 1 (must pay), set by <@UMAYA>" in told.text
