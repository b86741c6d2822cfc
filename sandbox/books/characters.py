"""Companies of different tempers: what forecasts, limits and screens are tried on."""

from __future__ import annotations

from datetime import date

from sandbox.books.build import Character, raise_company
from sandbox.books.company import Company
from sandbox.books.demo import DEMO
from sandbox.books.goods import GOODS
from sandbox.books.services import SERVICES
from sandbox.books.traits import character

_BY_KEY = {traits.key: traits for traits in (*SERVICES, *GOODS)}

CHARACTERS = (DEMO.key, *_BY_KEY)


def find_character(key: str, seed: int) -> Character:
    """Raises KeyError for a key that is not in CHARACTERS."""
    return DEMO if key == DEMO.key else character(_BY_KEY[key], seed)


def build(key: str, seed: int, today: date, *, until: date | None = None, realm: str = "") -> Company:
    """The books of a character.

    `today` fixes its history; `until` (exclusive, default `today`) shows the same history as it stood on an earlier
    day: nothing of later days is in it. Raises KeyError for an unknown key.
    """
    return raise_company(find_character(key, seed), seed, today, until=until, realm=realm)
