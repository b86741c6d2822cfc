"""What is kept between transactions is given back for the same business and mark only, within its room."""

from uuid import uuid4

from kit.memory import Memory

HERE, THERE = uuid4(), uuid4()


def test_what_was_kept_is_recalled_under_its_own_mark_only() -> None:
    memory = Memory()
    memory.remember(HERE, "the books", 1, size=1)
    assert memory.recall(HERE, str, 1) == "the books"
    assert memory.recall(HERE, str, 2) is None


def test_no_business_is_given_what_another_one_kept() -> None:
    memory = Memory()
    memory.remember(HERE, "the books", 1, size=1)
    assert memory.recall(THERE, str, 1) is None


def test_the_newest_of_a_kind_takes_the_place_of_the_older_one() -> None:
    memory = Memory()
    memory.remember(HERE, "old", 1, size=1)
    memory.remember(HERE, "new", 2, size=1)
    assert memory.recall(HERE, str, 1) is None
    assert memory.recall(HERE, str, 2) == "new"


def test_when_room_runs_out_what_was_not_asked_for_goes_first() -> None:
    memory = Memory(room=10)
    memory.remember(HERE, "asked for", 1, size=5)
    memory.remember(THERE, "not asked for", 1, size=5)
    memory.recall(HERE, str, 1)
    memory.remember(THERE, 3, 1, size=5)
    assert memory.recall(HERE, str, 1) == "asked for"
    assert memory.recall(THERE, str, 1) is None


def test_what_is_larger_than_the_room_is_not_kept_and_drives_nothing_out() -> None:
    memory = Memory(room=10)
    memory.remember(HERE, "small", 1, size=5)
    memory.remember(THERE, "large", 1, size=11)
    assert memory.recall(THERE, str, 1) is None
    assert memory.recall(HERE, str, 1) == "small"
