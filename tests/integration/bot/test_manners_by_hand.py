"""How a person wants to be told, chosen by themselves: hours, messages a day, nothing before a day."""

import pytest

from bot.replies import FieldErrors, Origin
from bot.views.blocks import Modal
from bot.views.home import draw_home
from bot.views.scene import Scene
from domains.audit import list_entries
from domains.people import Caller, list_roles
from orchestrators.home import HomeOrchestrator
from orchestrators.notices import NoticeService
from tests.integration.bot.hand import Hand, initial, message_of, modal_of
from tests.integration.desk.company import MEL, Company


async def form_of(company: Company, hand: Hand) -> Modal:
    async with company.db.tenant_session(company.business) as session:
        caller = Caller(hand.person, await list_roles(session, hand.person))
        home = draw_home(
            await HomeOrchestrator(session, company.clock).get_home(caller), Scene(company.clock.now(), "UTC")
        )
    return modal_of(await hand.presses(home, "Quiet hours", Origin.HOME))


async def test_a_member_chooses_cap_hours_and_a_pause_and_is_told_what_changed(company: Company, mel: Hand) -> None:
    form = await form_of(company, mel)
    assert initial(form) == {"quiet_from": "20", "quiet_to": "8", "daily_cap": "5", "snoozed_until": None}
    said = message_of(await mel.sends(form, daily_cap="2", snoozed_until="2026-11-30"))
    assert said.text == "Saved. I write at most 2 messages a day, 5 before. I write nothing unasked until Mon 30 Nov."
    async with company.db.tenant_session(company.business) as session:
        manners = await NoticeService(session, company.clock).get_manners(Caller(MEL, frozenset()))
        (entry,) = await list_entries(session, object_type="person")
    assert (manners.daily_cap, str(manners.snoozed_until)) == (2, "2026-11-30")
    assert entry.after == {"daily_cap": "2", "snoozed_until": "2026-11-30"}
    again = await form_of(company, mel)
    assert message_of(await mel.sends(again)).text == "Nothing changed."
    assert message_of(await mel.sends(again, snoozed_until=None)).text == "Saved. I write again from now on."


@pytest.mark.parametrize(
    ("field", "value"),
    [("daily_cap", "0"), ("daily_cap", "21"), ("daily_cap", "many"), ("snoozed_until", "2026-01-01")],
)
async def test_what_cannot_be_is_said_under_its_field(company: Company, mel: Hand, field: str, value: str) -> None:
    answer = await mel.sends(await form_of(company, mel), **{field: value})
    assert isinstance(answer, FieldErrors)
    assert set(answer.errors) == {field}
