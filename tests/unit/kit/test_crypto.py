"""A sealed value opens only in its own row; a reference verifies only for its own purpose."""

import base64
import copy
import itertools
import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.crypto import ForgedReference, Keyring, SealBroken, Secret, generate_key, kid_of
from kit.errors import Misconfigured

ROW = ("connections", "refresh_token", "8c1f", "42")
# Fixed, since test names are made of them and the workers must agree on the names.
OLD, NEW = (f"{kid}:{base64.b64encode(kid.encode() * 16).decode()}" for kid in ("k1", "k2"))
RING = Keyring.parse(OLD)
CANARY = "AB11-canary-refresh-token"


def test_what_was_sealed_opens_in_its_row() -> None:
    sealed = RING.seal(CANARY, bound_to=ROW)
    assert RING.open(sealed, bound_to=ROW).reveal() == CANARY
    assert CANARY not in sealed


def test_sealing_twice_gives_two_ciphertexts_in_the_documented_format() -> None:
    first, second = RING.seal(CANARY, bound_to=ROW), RING.seal(CANARY, bound_to=ROW)
    assert first != second
    version, kid, nonce, _ = first.split(".")
    assert (version, kid, len(base64.urlsafe_b64decode(nonce))) == ("v1", "k1", 12)


@pytest.mark.parametrize("place", range(len(ROW)))
def test_a_ciphertext_pasted_into_another_row_stays_shut(place: int) -> None:
    elsewhere = (*ROW[:place], "other", *ROW[place + 1 :])
    with pytest.raises(SealBroken):
        RING.open(RING.seal(CANARY, bound_to=ROW), bound_to=elsewhere)


def test_moving_a_letter_between_two_parts_is_another_row() -> None:
    with pytest.raises(SealBroken):
        RING.open(RING.seal(CANARY, bound_to=("ab", "c")), bound_to=("a", "bc"))


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "v1",
        "plain text",
        "v1.k1.AAAA.AAAA",
        "v2.k1.AAAAAAAAAAAAAAAA.AAAA",
        "v1.k1.****************.AAAA",
        "v1.k1.é.x",
    ],
)
def test_what_was_never_sealed_is_refused_as_such(sealed: str) -> None:
    with pytest.raises(SealBroken, match="not a sealed value"):
        RING.open(sealed, bound_to=ROW)


def test_every_flipped_character_breaks_the_seal() -> None:
    sealed = RING.seal("x", bound_to=ROW)
    for at in range(len("v1.k1."), len(sealed)):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(SealBroken):
            RING.open(changed, bound_to=ROW)


def test_a_key_that_left_the_ring_is_named() -> None:
    with pytest.raises(SealBroken, match="k1"):
        Keyring.parse(NEW).open(RING.seal(CANARY, bound_to=ROW), bound_to=ROW)


def test_rotation_opens_with_the_old_key_and_seals_with_the_new() -> None:
    both = Keyring.parse(f"{NEW},{OLD}")
    old = RING.seal(CANARY, bound_to=ROW)
    new = both.reseal(old, bound_to=ROW)
    assert (kid_of(old), kid_of(new)) == ("k1", "k2")
    assert Keyring.parse(NEW).open(new, bound_to=ROW).reveal() == CANARY
    assert both.reseal(new, bound_to=ROW) == new


def test_the_first_key_is_the_primary_and_spaces_are_harmless() -> None:
    ring = Keyring.parse(f" {NEW} , {OLD},")
    assert (ring.primary, ring.kids) == ("k2", ("k2", "k1"))


SHORT = base64.b64encode(b"sixteen bytes...").decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no key"),
        (" , ", "holds no key"),
        (OLD.partition(":")[2], "entry 1"),
        (f"{OLD},:{SHORT}", "entry 2"),
        (f"k 1:{SHORT}", "entry 1"),
        (f"k1:{SHORT}", "k1 has 16 bytes, not 32"),
        ("k1:not-base64!", "k1 is not valid base64"),
        ("k1:ключ", "k1 is not valid base64"),
        (f"{OLD},{OLD}", "names the key k1 twice"),
    ],
)
def test_a_bad_key_ring_is_refused_without_repeating_it(text: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why) as refusal:
        Keyring.parse(text)
    assert SHORT not in str(refusal.value)
    assert "RUNWAY_ENCRYPTION_KEYS" in str(refusal.value)


def test_a_generated_key_is_one_entry_of_a_key_ring_and_new_every_time() -> None:
    assert Keyring.parse(generate_key("k9")).kids == ("k9",)
    assert generate_key("k9") != generate_key("k9")


def test_url_safe_base64_is_taken_too() -> None:
    key = bytes([251, 255] * 16)
    ring = Keyring.parse(f"k:{base64.urlsafe_b64encode(key).decode()}")
    same = Keyring({"k": key})
    assert same.open(ring.seal(CANARY, bound_to=ROW), bound_to=ROW).reveal() == CANARY


def test_a_key_ring_shows_ids_only() -> None:
    assert repr(RING) == "Keyring(k1)"


@dataclass
class Holder:
    token: Secret


@pytest.mark.parametrize(
    "spell",
    [
        repr,
        str,
        "{}".format,
        "{:>40}".format,
        "%s".__mod__,
        lambda secret: repr(Holder(secret)),
        lambda secret: str([secret, {"a": secret}]),
        lambda secret: json.dumps({"token": secret}, default=str),
        lambda secret: repr(copy.deepcopy(Holder(secret))),
        lambda secret: repr(copy.copy(secret)),
        lambda secret: repr(asdict(Holder(secret))),
    ],
)
def test_a_secret_is_never_spelled_out(spell: Callable[[Secret], str]) -> None:
    text = spell(Secret(CANARY))
    assert CANARY not in text
    assert "***" in text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_never_serialized(protocol: int) -> None:
    with pytest.raises(TypeError, match="never serialized"):
        pickle.dumps(Holder(Secret(CANARY)), protocol)
    with pytest.raises(TypeError):
        json.dumps(Secret(CANARY))


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@given(st.lists(st.text(), max_size=5), st.text())
def test_a_reference_returns_the_parts_that_were_signed(parts: list[str], purpose: str) -> None:
    reference = RING.sign(purpose, tuple(parts))
    assert RING.verify(purpose, reference) == tuple(parts)


def test_a_reference_is_safe_in_addresses_and_button_values() -> None:
    reference = RING.sign("bill", ("8c1f", "bill", "42", "7"))
    assert set(reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(reference) < 255


def test_a_reference_is_worthless_for_another_purpose() -> None:
    with pytest.raises(ForgedReference):
        RING.verify("oauth ticket", RING.sign("bill", ("42",)))


def test_references_survive_rotation_until_the_old_key_leaves() -> None:
    reference = RING.sign("bill", ("42",))
    assert Keyring.parse(f"{NEW},{OLD}").verify("bill", reference) == ("42",)
    with pytest.raises(ForgedReference):
        Keyring.parse(NEW).verify("bill", reference)


def test_every_changed_character_is_a_forgery() -> None:
    reference = RING.sign("bill", ("8c1f", "42"))
    for at, letter in itertools.product(range(len(reference)), "Az0_."):
        if reference[at] != letter:
            with pytest.raises(ForgedReference):
                RING.verify("bill", reference[:at] + letter + reference[at + 1 :])


@pytest.mark.parametrize("reference", ["", "k1", "k1..", "k1.AAAA.", "..", "k1.é.é", "k1.AAAA.AAAA.AAAA"])
def test_what_was_never_signed_is_a_forgery(reference: str) -> None:
    with pytest.raises(ForgedReference):
        RING.verify("bill", reference)
