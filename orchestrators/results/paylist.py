"""The pay list: what was approved and not yet handed to whoever pays, and the hand-off itself."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domains.decisions import Phase
from kit.money import Money
from orchestrators.results.basis import Condition, Health, RecordRef
from orchestrators.results.console import Voice


class PaylistAct(StrEnum):
    HAND_OFF = "hand_off"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class PaylistLine:
    """`error` says why the last hand-off left this line in the list. `reference` is the decision's short name."""

    decision_id: str
    reference: str
    record: RecordRef
    vendor: str
    doc_number: str | None
    balance: Money
    due: date | None
    pay_on: date
    voices: tuple[Voice, ...]
    approved_at: datetime
    phase: Phase
    error: str | None
    acts: tuple[PaylistAct, ...]


@dataclass(frozen=True, slots=True)
class PaylistResult:
    """`lines` wait for hand-off, by pay date; `handed_off` are not yet seen paid. Totals are per currency."""

    health: Health
    lines: tuple[PaylistLine, ...]
    totals: tuple[Money, ...]
    home_total: Money | Condition
    handed_off: tuple[PaylistLine, ...]
    version: str
    acts: tuple[PaylistAct, ...]


@dataclass(frozen=True, slots=True)
class HandOffResult:
    """`csv` is the whole file, safe to open in a spreadsheet; None when nothing was handed off."""

    batch_id: str | None
    done: tuple[PaylistLine, ...]
    failed: tuple[PaylistLine, ...]
    filename: str
    csv: str | None
