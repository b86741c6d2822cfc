"""People who never spoke to Runway can be chosen in its forms: Slack is asked who they are."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.actions import Ref
from bot.experiences import routes
from bot.replies import Answer, FormValue, Origin, Turn
from bot.views.blocks import Message
from bot.views.ids import Form
from domains.people import Caller, Role, list_roles
from kit.clock import FrozenClock
from kit.db import Database
from orchestrators.tray import HygieneTrayDataOrchestrator
from tests.integration.desk.company import MAYA, TODAY, Company, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.digest.stage import Stage

NEWCOMER = "U0NEWCOMER"


@pytest.fixture
async def company(db: Database, business: UUID, clock: FrozenClock) -> Company:
    opened = await Company(db, business, clock).open()
    await opened.put(bill("147", 700, None), bill("145", 900, TODAY + timedelta(days=3)))
    return opened


async def submit(company: Company, form: Form, values: dict[str, FormValue], ref: Ref | None = None) -> Answer:
    tools = Stage(company.db, company.business, company.clock).tools()
    maya = Caller(MAYA, frozenset({Role.OWNER, Role.ADMIN}))
    _, _, forms = routes.collect()
    return await forms[form](Turn(tools, company.business, maya, Origin.MODAL, "modal", ref=ref, form=values))


async def test_a_newcomer_can_be_given_a_role(company: Company) -> None:
    answer = await submit(company, Form.ROLES, {"slack_user": NEWCOMER, "roles": ("advisor",)})
    assert isinstance(answer, Message)
    async with unit(company) as session:
        assert await list_roles(session, NEWCOMER) == {Role.ADVISOR}


async def test_a_newcomer_can_be_given_a_record_to_mend(company: Company) -> None:
    async with unit(company) as session:
        tray = HygieneTrayDataOrchestrator(session, company.clock)
        item = await tray.get_item(caller(MAYA), "Bill:147:MISSING_DUE_DATE")
    answer = await submit(company, Form.ASSIGN, {"to": NEWCOMER}, Ref("item", item.key, item.version))
    assert isinstance(answer, Message)
    assert f"Assigned to <@{NEWCOMER}>" in str(answer.text)
