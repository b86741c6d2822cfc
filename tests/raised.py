"""The books of seeded companies, raised once for all tests of a process: that takes a second or more."""

from copy import deepcopy
from datetime import date
from functools import cache

from sandbox.books import Company, build


@cache
def _raised(key: str, seed: int, today: date, realm: str) -> Company:
    return build(key, seed, today, realm=realm)


def company_of(key: str, *, seed: int = 7, today: date, realm: str = "") -> Company:
    """A copy, to be changed as one likes; only `live_a_day` needs the company that was built."""
    return deepcopy(_raised(key, seed, today, realm))
