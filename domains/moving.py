"""One amount that moved on a bank account, and what the account on its other side says of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domains.accounts import Account, CashRole

LOAN_SUBTYPES = frozenset(
    {
        "LoanPayable",
        "LineOfCredit",
        "NotesPayable",
        "ShareholderNotesPayable",
        "LoansToOfficers",
        "LoansToOthers",
        "LoansToStockholders",
    }
)
INVESTMENT_SUBTYPES = frozenset(
    {
        "Investment_MortgageRealEstateLoans",
        "Investment_TaxExemptSecurities",
        "Investment_USGovernmentObligations",
        "Investment_Other",
    }
)


class MovementKind(StrEnum):
    """Only OPERATING counts towards burn."""

    OPERATING = "operating"
    OWN_TRANSFER = "own_transfer"
    OWNER_DRAW = "owner_draw"
    OWNER_CONTRIBUTION = "owner_contribution"
    LOAN_PRINCIPAL = "loan_principal"
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True)
class Movement:
    """Positive is money in. `amount` is in the home currency, `account_amount` in the bank account's own.

    `id` is unique and stable: entity, record and leg. `entity` is BillPayment, Purchase, Payment, Deposit, Transfer,
    JournalEntry, SalesReceipt or RefundReceipt. `bank_account_id` is where it moved, `counter_account_id` what it was
    for. `settles_document` says that it paid a bill or collected an invoice.
    """

    id: str
    date: date
    amount: Decimal
    account_amount: Decimal
    kind: MovementKind
    entity: str
    record_id: str
    party_id: str | None
    party_name: str | None
    bank_account_id: str
    counter_account_id: str | None
    counter_account_name: str | None
    settles_document: bool


def kind_of(counter: Account | None, amount: Decimal) -> MovementKind:
    """What moving `amount` (negative is out) against this account says about the business."""
    if counter is None or counter.subtype == "UndepositedFunds":
        return MovementKind.OPERATING
    if counter.cash_role in {CashRole.BANK, CashRole.RESTRICTED}:
        return MovementKind.OWN_TRANSFER
    if counter.cash_role is CashRole.CARD:
        # Paying the card is when its purchases cost cash; drawing cash from it is borrowing.
        return MovementKind.OPERATING if amount < 0 else MovementKind.LOAN_PRINCIPAL
    if counter.type == "Equity":
        return _owners(counter, amount)
    if counter.type == "Long Term Liability" or counter.subtype in LOAN_SUBTYPES:
        return MovementKind.LOAN_PRINCIPAL
    lasting = counter.type in {"Fixed Asset", "Other Asset"} or counter.subtype in INVESTMENT_SUBTYPES
    return MovementKind.ONE_OFF if lasting else MovementKind.OPERATING


def _owners(counter: Account, amount: Decimal) -> MovementKind:
    """Opening balances and retained earnings are how the books were set up, not what an owner did."""
    if counter.subtype in {"OpeningBalanceEquity", "RetainedEarnings"}:
        return MovementKind.ONE_OFF
    return MovementKind.OWNER_DRAW if amount < 0 else MovementKind.OWNER_CONTRIBUTION
