"""A clicked card is found again where it stood."""

from hypothesis import given
from hypothesis import strategies as st

from bot.views.places import DURABLE, Place, list_place

KEYS = st.from_regex(r"[A-Z][a-z]*:?-?[0-9]{1,9}(:[A-Z_]{3,12})?", fullmatch=True)


@given(
    st.sampled_from(["tray", "console"]), st.integers(1, 999), st.lists(KEYS, max_size=8), st.sampled_from(["", "all"])
)
def test_a_place_is_read_as_it_was_written(kind: str, page: int, keys: list[str], narrow: str) -> None:
    place = list_place(kind, page, keys, narrow)
    assert Place.read(str(place)) == place


@given(st.text(max_size=60))
def test_whatever_was_written_is_a_place(written: str) -> None:
    assert Place.read(written).page >= 0


def test_a_durable_card_is_known_by_its_word() -> None:
    assert Place.read(str(Place(DURABLE))).kind == DURABLE
