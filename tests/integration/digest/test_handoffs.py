"""The file for whoever pays reaches the person who handed off, whatever Slack does meanwhile."""

from datetime import timedelta

import pytest

from bot.messenger.errors import ChannelClosed, Unanswered
from kit.errors import FaultDetail
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.paylist import HandOffResult
from tests.integration.desk.company import MAYA, TODAY, Company, bill
from tests.integration.desk.conftest import caller, unit
from tests.integration.digest.stage import Stage

FAULT = FaultDetail("slack", "test")


@pytest.fixture
async def handed(company: Company) -> HandOffResult:
    await company.put(bill("145", 1_200, TODAY + timedelta(days=4)))
    async with unit(company) as session:
        await Console(session, company.clock).approve(caller(MAYA), "B-145", None, source="x")
    async with unit(company) as session:
        return await PaylistOrchestrator(session, company.clock).hand_off(caller(MAYA), None, source="x")


async def test_the_file_comes_to_whoever_handed_off(handed: HandOffResult, stage: Stage) -> None:
    await stage.run()
    assert handed.csv is not None
    assert stage.slack.files == [(f"D{MAYA}", handed.filename, handed.csv.encode())]


async def test_a_file_whose_fate_is_unknown_is_sent_until_it_arrived(handed: HandOffResult, stage: Stage) -> None:
    def silent(method: str) -> None:
        if method == "files.upload":
            raise Unanswered("files.upload: no answer came back", FAULT)

    stage.slack.before = silent
    await stage.run()
    assert stage.slack.files == []
    stage.slack.before = lambda _method: None
    await stage.make_due()
    await stage.run()
    assert [name for _, name, _ in stage.slack.files] == [handed.filename]


async def test_a_person_who_cannot_be_written_to_does_not_block_the_rest(handed: HandOffResult, stage: Stage) -> None:
    def closed(method: str) -> None:
        if method == "files.upload":
            raise ChannelClosed("files.upload: channel_not_found", FAULT)

    stage.slack.before = closed
    await stage.run()
    assert handed.done
    assert "SendHandoff" not in await stage.waiting()
    assert await stage.dead() == []
