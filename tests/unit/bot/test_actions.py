"""A reference survives its way through Slack, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import Ref, read_ref
from kit.errors import Outdated

WORDS = st.text(st.characters(blacklist_characters="|", blacklist_categories=["Cs"]), min_size=1, max_size=40)


@given(WORDS, WORDS, st.text(st.characters(blacklist_categories=["Cs"]), max_size=80))
def test_a_reference_reads_as_it_was_written(kind: str, key: str, seen: str) -> None:
    assert read_ref(str(Ref(kind, key, seen))) == Ref(kind, key, seen)


def test_a_button_without_a_value_names_nothing() -> None:
    assert read_ref(None) is None
    assert read_ref("") is None


@pytest.mark.parametrize("value", ["42", "bill|42", "|42|v1", "bill|42|" + "x" * 2000])
def test_a_value_of_another_age_is_outdated(value: str) -> None:
    with pytest.raises(Outdated, match="older message"):
        read_ref(value)


def test_a_separator_in_a_key_is_a_bug_found_at_once() -> None:
    with pytest.raises(ValueError, match="contains"):
        str(Ref("bill", "4|2"))
