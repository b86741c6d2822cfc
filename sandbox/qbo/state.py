"""Everything one running stand-in knows: companies, tokens, limits, mischief, ledger, webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sandbox.books.company import Company
from sandbox.qbo.clock import Clock
from sandbox.qbo.config import QboSandboxConfig
from sandbox.qbo.meter import Ledger, RateLimits
from sandbox.qbo.mischief import Mischief
from sandbox.qbo.tokens import TokenStore
from sandbox.qbo.webhooks import Webhooks
from sandbox.qbo.writing import Replays


class QboSandbox:
    def __init__(self, config: QboSandboxConfig) -> None:
        self.config = config
        self.clock = Clock(config.now)
        self.companies: dict[str, Company] = {}
        self.tokens = TokenStore(config, self.clock)
        self.mischief = Mischief(config.seed, latency_seconds=config.latency_seconds)
        self.ledger = Ledger()
        self.limits = RateLimits(self.clock, enabled=config.rate_limits)
        self.monthly_reads = config.monthly_reads
        self.lenient_cdc = config.lenient_cdc
        self.replays = Replays()
        self.webhooks = Webhooks(config, self.clock)
        self.add(config.companies)

    def add(self, companies: Iterable[Company]) -> None:
        """Serve more companies; a realm that is already served is replaced."""
        for company in companies:
            self.companies[company.realm] = company
            company.listeners.append(partial(self.webhooks.note, company.realm))

    def over_quota(self) -> bool:
        if self.monthly_reads is None:
            return False
        return self.ledger.reads_in_month_of(self.clock.now()) >= self.monthly_reads
