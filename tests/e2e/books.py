"""The books as QuickBooks has them, added up by hand: what the figures on the screen are held against."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.e2e.world import Json, World


@dataclass(frozen=True, slots=True)
class Truth:
    """Live rows by entity, straight from the stand-in."""

    rows: dict[str, list[Json]]

    def of(self, entity: str) -> list[Json]:
        return self.rows.get(entity, [])

    @property
    def cash(self) -> Decimal:
        """Active bank accounts that nothing restricts."""
        accounts = (one for one in self.of("Account") if one["AccountType"] == "Bank" and one["Active"])
        return sum((amount(one["CurrentBalance"]) for one in accounts if not restricted(one)), Decimal(0))

    @property
    def open_bills(self) -> list[Json]:
        return [bill for bill in self.of("Bill") if amount(bill["Balance"]) != 0]

    def bill(self, qbo_id: str) -> Json:
        return next(bill for bill in self.of("Bill") if bill["Id"] == qbo_id)


def amount(value: Any) -> Decimal:
    return Decimal(str(value))


def restricted(account: Json) -> bool:
    """What QuickBooks itself calls held for somebody else."""
    return account["AccountSubType"] in {"TrustAccounts", "RentsHeldAsTrust"}


def money(value: Decimal) -> str:
    return f"${value:,.2f}" if value >= 0 else f"-${-value:,.2f}"


def written(day: str, today: date) -> str:
    """A date as people read it: "Fri 27 Nov", with the year when it is another one."""
    parsed = date.fromisoformat(day)
    year = "" if parsed.year == today.year else f" {parsed.year}"
    return f"{parsed:%a} {parsed.day} {parsed:%b}{year}"


async def read_truth(world: World, realm: str) -> Truth:
    answer = await world.qbo("GET", f"/companies/{realm}/truth")
    return Truth({entity: [row for row in rows if row.get("status") != "Deleted"] for entity, rows in _rows(answer)})


def _rows(answer: Json) -> list[tuple[str, list[Json]]]:
    live = answer.get("live", answer)
    return [(entity, list(rows)) for entity, rows in live.items() if isinstance(rows, list)]
