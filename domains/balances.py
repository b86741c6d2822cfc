"""Cash as the books have it: by account, today or on a past day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domains.accounts import CashRole
from domains.freshness import Freshness


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """`balance` is in the account's currency, positive for money we have (bank) or owe (card).

    `home_balance` is None when the rate to the home currency is unknown. `last_posting` is the newest movement.
    """

    account_id: str
    name: str
    role: CashRole
    balance: Decimal
    currency: str
    home_balance: Decimal | None
    last_posting: date | None


@dataclass(frozen=True, slots=True)
class BalanceSnapshot:
    """Active accounts only. `on` is None for now.

    `rebuilt` is False when the books hold postings that cannot be replayed, so that a past balance is not known;
    `unexplained` names those accounts.
    """

    accounts: tuple[AccountBalance, ...]
    home_currency: str
    on: date | None
    as_of: datetime | None
    freshness: Freshness
    rebuilt: bool
    unexplained: tuple[str, ...]

    def of(self, role: CashRole) -> tuple[AccountBalance, ...]:
        return tuple(account for account in self.accounts if account.role is role)

    def total(self, role: CashRole) -> Decimal | None:
        """In the home currency; None when one of the accounts has no rate."""
        known = [account.home_balance for account in self.of(role)]
        return None if None in known else sum((amount for amount in known if amount is not None), Decimal(0))
