"""Whose yes is enough, for every mix of people, amount and earlier clicks of the day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.decisions import Decision, Judged, Phase, Voice
from domains.policy import Delegation
from kit.money import Money
from orchestrators.authority import Electorate, Question, Rules, is_split, judge_voices
from tests.unit.domains.issue_records import a_bill

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
DAY = date(2026, 11, 23)
AVA = Delegation("ava", Decimal(1_000), DAY, DAY, "maya")
BEN = Delegation("ben", Decimal(5_000), DAY, DAY, "maya", daily_limit=Decimal(6_000))
RULES = Rules(Electorate(("maya", "omar"), {"ava": AVA, "ben": BEN}), Decimal(10_000), 1)


def voices(*people: str) -> list[Voice]:
    return [Voice(person, NOW, None, None) for person in people]


def decided(amount: int, *, bill: str = "1", vendor: str = "56") -> Decision:
    money = Money(Decimal(amount), "USD")
    facts = {"record_token": 0, "held_until": None, "reason": None, "breach": False, "low_water": None}
    unseen = {"batch_id": None, "error": None, "seen_payment": None, "seen_on": None, "seen_amount": None}
    return Decision(
        id=uuid4(),
        bill_id=bill,
        phase=Phase.APPROVED,
        digest="d",
        judged=Judged("Northshore", None, money, None),
        vendor_id=vendor,
        home_amount=money.amount,
        pay_on=DAY,
        policy_version=1,
        created_by="maya",
        created_at=NOW,
        changed_by="maya",
        changed_at=NOW,
        decided_by="maya",
        decided_at=NOW,
        **facts,  # type: ignore[arg-type]
        **unseen,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("amount", "said", "enough", "waiting"),
    [
        (10_000, ("maya",), True, ()),
        (10_001, ("maya",), False, ("omar",)),
        (10_001, ("maya", "omar"), True, ()),
        (10_001, ("maya", "ava"), False, ("omar",)),
        (10_001, ("omar",), False, ("maya", "ava", "ben")),
        (10_001, ("omar", "ava"), True, ()),
        (10_001, ("ava", "ben", "maya"), False, ("omar",)),
        (10_001, ("ava", "ben"), False, ("maya", "omar")),
        (1_000, ("ava",), True, ()),
        (1_001, ("ava",), False, ("maya", "omar", "ben")),
        (1_001, ("ava", "ben"), True, ()),
        (None, ("maya",), False, ("omar",)),
        (None, ("maya", "omar"), True, ()),
        (5, (), False, ("maya", "omar", "ava", "ben")),
    ],
)
def test_amount_and_people_decide(
    amount: int | None, said: Sequence[str], *, enough: bool, waiting: tuple[str, ...]
) -> None:
    asked = Question(None if amount is None else Decimal(amount))
    verdict = judge_voices(voices(*said), asked, RULES)
    assert (verdict.enough, verdict.waiting_for) == (enough, waiting)


def test_a_delegate_who_used_up_the_day_counts_no_more_and_an_owner_who_split_needs_a_second() -> None:
    small = Decimal(100)
    assert not judge_voices(voices("ava"), Question(small, "ava"), RULES).enough
    assert judge_voices(voices("ava", "maya"), Question(small, "ava"), RULES).enough
    assert not judge_voices(voices("maya"), Question(small, "maya"), RULES).enough
    assert not judge_voices(voices("maya", "ava"), Question(small, "maya"), RULES).enough
    assert judge_voices(voices("maya", "omar"), Question(small, "maya"), RULES).enough


def test_a_single_owner_has_only_delegates_to_ask() -> None:
    alone = replace(RULES, electorate=Electorate(("maya",), RULES.electorate.delegates))
    large = Question(Decimal(10_001))
    waits = judge_voices(voices("maya"), large, alone)
    assert (waits.enough, waits.waiting_for) == (False, ("ava", "ben"))
    assert judge_voices(voices("maya", "ava"), large, alone).enough
    assert not judge_voices(voices("ava", "ben"), large, alone).enough


@given(
    said=st.sets(st.sampled_from(["maya", "omar", "ava", "ben", "mel"]), max_size=5),
    amount=st.integers(1, 40_000),
    both=st.booleans(),
)
def test_above_the_limit_one_owner_and_their_delegates_are_never_enough_beside_another_owner(
    said: set[str], amount: int, *, both: bool
) -> None:
    rules = RULES if both else replace(RULES, electorate=Electorate(("maya",), RULES.electorate.delegates))
    verdict = judge_voices(voices(*sorted(said)), Question(Decimal(amount)), rules)
    if verdict.enough and amount > RULES.pair_over:
        assert len(said) >= 2
        assert said & {"maya", "omar"}
        assert not both or not said <= {"maya", "ava", "ben"}
    assert not set(verdict.waiting_for) & said


@pytest.mark.parametrize(
    ("who", "amount", "earlier", "split"),
    [
        ("ava", 600, [], False),
        ("ava", 400, [decided(600, bill="2")], False),
        ("ava", 401, [decided(600, bill="2")], True),
        ("ava", 401, [decided(600)], False),
        ("ava", 900, [decided(900, bill="2", vendor="57")], False),
        ("ben", 2_000, [decided(4_000, bill="2", vendor="57")], False),
        ("ben", 2_001, [decided(4_000, bill="2", vendor="57")], True),
        ("maya", 4_000, [decided(6_000, bill="2")], False),
        ("maya", 4_001, [decided(6_000, bill="2")], True),
        ("maya", 9_000, [decided(9_000, bill="2", vendor="57")], False),
    ],
)
def test_sums_of_a_day_count_per_vendor_and_for_delegates_in_all(
    who: str, amount: int, earlier: list[Decision], *, split: bool
) -> None:
    assert is_split(who, a_bill(), Decimal(amount), earlier, RULES) is split


@given(
    st.lists(st.integers(1, 3_000), min_size=1, max_size=12),
    st.sampled_from(["ava", "ben", "maya"]),
)
def test_no_sequence_of_clicks_on_one_vendor_gets_past_ones_own_limit(amounts: list[int], who: str) -> None:
    """Whatever the order of amounts: what one person approves alone in a day never exceeds what they may approve."""
    alone: list[Decision] = []
    spoken: list[Decision] = []
    for number, amount in enumerate(amounts):
        bill = a_bill(id=str(number))
        split = is_split(who, bill, Decimal(amount), spoken, RULES)
        decision = decided(amount, bill=str(number))
        spoken.append(decision)
        if judge_voices(voices(who), Question(Decimal(amount), who if split else None), RULES).enough:
            alone.append(decision)
    total = sum((one.home_amount or Decimal(0) for one in alone), Decimal(0))
    limit = {"ava": Decimal(1_000), "ben": Decimal(5_000), "maya": Decimal(10_000)}[who]
    assert total <= limit


def test_nobody_without_a_right_makes_a_yes_enough() -> None:
    nobody = replace(RULES, electorate=Electorate((), {}))
    assert not judge_voices(voices("mel", "eve"), Question(Decimal(1)), nobody).enough
