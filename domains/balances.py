"""Cash as the books have it: by account, today or on a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on

from domains.accounts import Account, AccountService, CashRole
from domains.companies import find_company
from domains.freshness import Freshness, Group, get_freshness
from domains.mirror import RecordRow
from kit.clock import Clock
from kit.db import TenantSession

CENT = Decimal("0.01")


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


# Both sides of every posting, in the account's own currency. What a deposit took along came out of undeposited funds.
REPLAY = text("""
WITH sides AS (
  SELECT account_id AS id, amount, home_amount, currency, txn_date FROM postings WHERE business_id = :business
  UNION ALL
  SELECT coalesce(counter_id, CASE WHEN link_id IS NOT NULL THEN :undeposited END), -amount, -home_amount, currency,
    txn_date FROM postings WHERE business_id = :business)
SELECT r.qbo_id,
  coalesce(sum(CASE WHEN s.currency = r.currency THEN s.amount ELSE s.home_amount END), 0) AS ever,
  coalesce(sum(CASE WHEN s.currency = r.currency THEN s.amount ELSE s.home_amount END)
    FILTER (WHERE s.txn_date > :day), 0) AS since
FROM records r LEFT JOIN sides s ON s.id = r.qbo_id
WHERE r.business_id = :business AND r.entity = 'Account' AND r.qbo_id = ANY(CAST(:ids AS text[]))
GROUP BY r.qbo_id, r.currency
""")
NEWEST = text("""
SELECT a.id, greatest(
  (SELECT max(txn_date) FROM postings WHERE business_id = :business AND account_id = a.id AND txn_date <= :today),
  (SELECT max(txn_date) FROM postings WHERE business_id = :business AND counter_id = a.id AND txn_date <= :today))
FROM unnest(CAST(:ids AS text[])) AS a(id)
""")


@dataclass(frozen=True, slots=True)
class BalanceService:
    """Bound to one business by its session; mirror reads only. `Books.refresh_balances` makes them live first.

    `chart`: all accounts, when they were just read.
    """

    session: TenantSession
    clock: Clock
    chart: Sequence[Account] | None = None

    async def get_current_balances(self) -> BalanceSnapshot:
        """What the books say now, bank by type, undeposited funds, cards and restricted accounts apart."""
        accounts = await self._accounts()
        balances = {account.id: account.balance for account in accounts}
        return await self._snapshot(accounts, balances, on=None, unexplained=())

    async def get_balances_on(self, day: date) -> BalanceSnapshot:
        """At the end of a past day: today's balance minus the postings since.

        An account whose postings do not add up to its balance holds something the mirror does not see; when that was
        posted nobody can tell, so the account is named in `unexplained`.
        """
        accounts = await self._accounts()
        replay = await self._replay(accounts, day)
        balances, unexplained = {}, []
        for account in accounts:
            ever, since = replay[account.id]
            sign = -1 if account.cash_role is CashRole.CARD else 1
            balances[account.id] = account.balance - sign * since
            if account.balance != sign * ever:
                unexplained.append(account.id)
        return await self._snapshot(accounts, balances, on=day, unexplained=tuple(unexplained))

    async def _accounts(self) -> list[Account]:
        every = self.chart if self.chart is not None else await AccountService(self.session).list_accounts()
        return [account for account in every if account.cash_role and account.active and not account.deleted]

    async def _replay(self, accounts: list[Account], day: date) -> dict[str, tuple[Decimal, Decimal]]:
        waiting = [account.id for account in accounts if account.cash_role is CashRole.UNDEPOSITED]
        facts = {
            "business": self.session.business_id,
            "ids": [account.id for account in accounts],
            "day": day,
            "undeposited": waiting[0] if len(waiting) == 1 else None,
        }
        rows = await self.session.execute(REPLAY, facts)
        return {qbo_id: (ever, since) for qbo_id, ever, since in rows}

    async def _snapshot(
        self, accounts: list[Account], balances: dict[str, Decimal], *, on: date | None, unexplained: tuple[str, ...]
    ) -> BalanceSnapshot:
        company = await find_company(self.session)
        home = company.home_currency if company else "USD"
        freshness = (await get_freshness(self.session, self.clock)).of(Group.BALANCES)
        newest = await self._newest(accounts)
        rates = await self._rates({account.currency for account in accounts} - {home})
        lines = tuple(
            AccountBalance(
                account.id,
                account.full_name,
                account.cash_role or CashRole.BANK,
                balances[account.id],
                account.currency or home,
                _at_home(balances[account.id], account.currency or home, home, rates),
                newest.get(account.id),
            )
            for account in accounts
        )
        return BalanceSnapshot(lines, home, on, freshness.last_synced, freshness.state, not unexplained, unexplained)

    async def _newest(self, accounts: list[Account]) -> dict[str, date | None]:
        today = self.clock.now().date() + timedelta(days=1)
        facts = {"business": self.session.business_id, "ids": [account.id for account in accounts], "today": today}
        rows = (await self.session.execute(NEWEST, facts)).all()
        return {qbo_id: newest for qbo_id, newest in rows if newest}

    async def _rates(self, currencies: set[str]) -> dict[str, Decimal]:
        """The rate of the newest document in each currency: the books hold no other."""
        statement = (
            select(RecordRow.currency, RecordRow.exchange_rate)
            .ext(distinct_on(RecordRow.currency))
            .where(RecordRow.currency.in_(currencies), RecordRow.exchange_rate.is_not(None))
            .order_by(RecordRow.currency, RecordRow.txn_date.desc().nulls_last())
        )
        rows = await self.session.execute(statement) if currencies else ()
        return {currency: rate for currency, rate in rows if currency and rate}


def _at_home(balance: Decimal, currency: str, home: str, rates: dict[str, Decimal]) -> Decimal | None:
    if currency == home:
        return balance
    return (balance * rates[currency]).quantize(CENT) if currency in rates else None
