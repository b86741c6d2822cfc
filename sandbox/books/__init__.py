"""Companies whose books tie out: what the QuickBooks stand-in serves."""

from sandbox.books.build import live_a_day
from sandbox.books.characters import CHARACTERS, build
from sandbox.books.check import check
from sandbox.books.company import Change, Company

__all__ = ["CHARACTERS", "Change", "Company", "build", "check", "live_a_day"]
