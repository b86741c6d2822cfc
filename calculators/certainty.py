"""What one doubtful record costs in certainty: "± $4,200, ± 6 days of runway rest on this"."""

from dataclasses import dataclass
from decimal import Decimal

from calculators.runway import Burn, NotEnoughHistory, runway_days


@dataclass(frozen=True, slots=True)
class CertaintyCost:
    """`days` is None when there is no burn to measure the amount by: unknown, not zero."""

    amount: Decimal
    days: Decimal | None


def cost_in_certainty(at_stake: Decimal, burn: Burn | NotEnoughHistory) -> CertaintyCost:
    """`at_stake`: what the figures could be wrong by if this record is; counted by size. Days are at gross burn."""
    amount = abs(at_stake)
    if isinstance(burn, NotEnoughHistory):
        return CertaintyCost(amount, None)
    return CertaintyCost(amount, runway_days(amount, burn.total_out, burn.days))
