"""Companies whose books tie out: what the QuickBooks stand-in serves."""

from sandbox.books.check import check
from sandbox.books.company import Change, Company

__all__ = ["Change", "Company", "check"]
