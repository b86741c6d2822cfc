"""What a button carries: the id of a record and the version the person saw. Never a tenant, never an amount.

A value is not a secret and proves nothing: whoever sends one is checked, and what it names is looked up within the
business of the verified request, exactly as if it had been typed after `/runway approve`.
"""

from dataclasses import dataclass

from kit.errors import Outdated

SEPARATOR = "|"
LONGEST = 2000  # Slack's limit for a button's value


@dataclass(frozen=True, slots=True)
class Ref:
    """`kind` names the sort of record, `key` the record, `seen` the version on the card (empty where none matters)."""

    kind: str
    key: str
    seen: str = ""

    def __str__(self) -> str:
        if SEPARATOR in self.kind + self.key:
            raise ValueError(f"{self.kind} {self.key} contains {SEPARATOR!r}")
        return SEPARATOR.join((self.kind, self.key, self.seen))


def read_ref(value: str | None) -> Ref | None:
    """None for a button without a value. Raises `Outdated` for one that no card of ours carries today."""
    if not value:
        return None
    parts = value.split(SEPARATOR, 2)
    if len(parts) != 3 or len(value) > LONGEST or not parts[0]:
        raise Outdated("This button is from an older message and no longer works. Type `/runway` for a fresh one.")
    return Ref(*parts)
