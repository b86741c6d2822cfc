"""What was decided about a bill or an invoice, by whom, on which version of it. Never a movement of money."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a decision stands. The state row decides every text, never the click."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    HELD = "held"
    CANCELLED = "cancelled"
    HANDED_OFF = "handed_off"
    VERIFIED = "verified"
    MISMATCH = "mismatch"
    STALE = "stale"
    EXPIRED = "expired"
