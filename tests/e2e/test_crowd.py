"""Eight owners at one bill: one wins, everybody is told the same, and nobody sees an error."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.crowd import Crowd, gathered, losers_told
from tests.e2e.world import open_world

BILLS = 4


@pytest.fixture(scope="module")
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Crowd, list[str]]]:
    home = Path(tmp_path_factory.mktemp("crowd"))
    async with open_world(home, "--join", "finance") as world, gathered(world, BILLS) as found:
        yield found


async def test_of_all_who_decide_a_bill_one_wins_and_the_others_are_told_who(crowd: tuple[Crowd, list[str]]) -> None:
    people, refs = crowd
    said = await people.decide_all(refs)
    wins = Counter(one.ref for one in said if one.won)
    assert set(wins) == set(refs)
    assert set(wins.values()) == {1}
    assert losers_told(said) == []
    winners = {one.ref: one.by for one in said if one.won}
    for one in said:
        assert f"<@{winners[one.ref]}>" in one.words, one
    rows = await people.rows(
        "SELECT bill_id, changed_by FROM decisions WHERE phase IN ('approved', 'held', 'rejected')"
    )
    assert {f"B-{row.bill_id}": row.changed_by for row in rows} == winners


async def test_every_copy_of_a_card_tells_who_won(crowd: tuple[Crowd, list[str]]) -> None:
    people, _ = crowd
    await people.quiet()
    for at in range(3):
        await people.click_all("Approve", at)
    await people.quiet()
    stories = [await people.story(person) for person in people.people]
    assert stories[0]
    assert all(story == stories[0] for story in stories)
    rows = await people.rows("SELECT bill_id, phase, changed_by FROM decisions")
    truth = {f"B-{row.bill_id}": f"{row.phase.capitalize()} by <@{row.changed_by}>" for row in rows}
    assert stories[0].items() <= truth.items()


async def test_there_is_one_row_of_audit_per_decision_and_nothing_is_left_to_do(
    crowd: tuple[Crowd, list[str]],
) -> None:
    people, _ = crowd
    await people.quiet()
    decisions = await people.rows("SELECT count(*) FROM decisions")
    audited = await people.rows("SELECT count(*) FROM audit_log WHERE action ~ '^decision[.](approved|held|rejected)$'")
    assert decisions == audited
    assert await people.rows("SELECT kind, last_error FROM outbox WHERE dead_at IS NOT NULL") == []


async def test_nobody_sees_an_error(crowd: tuple[Crowd, list[str]]) -> None:
    people, _ = crowd
    assert await people.errors() == []
    log = people.world.log("bot") + people.world.log("worker")
    assert not re.findall(r'"event": "(?:request|job)\.(?:failed|lost|buried|unanswered)"', log)
