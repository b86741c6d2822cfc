"""What happened in QuickBooks' stand-in before a restart is still true after it."""

from datetime import UTC, date, datetime
from pathlib import Path

from sandbox.books import Company, build, live_a_day
from sandbox.keeping import QboKeeper
from sandbox.qbo import QboSandbox, QboSandboxConfig

TODAY = date(2026, 11, 20)


def served(path: Path, today: date) -> tuple[QboKeeper, QboSandbox, Company]:
    keeper = QboKeeper(path, today)
    company = build("brand-new", 0, keeper.today)
    qbo = QboSandbox(QboSandboxConfig(companies=(company,)))
    keeper.restore(qbo)
    return keeper, qbo, company


def texts(company: Company) -> dict[str, dict[str, bytes]]:
    return {entity: {key: row.text for key, row in rows.items()} for entity, rows in company.tables.items()}


async def test_books_and_grants_come_back_even_on_a_later_day(tmp_path: Path) -> None:
    path = tmp_path / "qbo.json"
    keeper, qbo, company = served(path, TODAY)
    seeded = texts(company)
    pair = qbo.tokens.connect(company.realm)
    for _ in range(5):
        live_a_day(company)
    bill = next(iter(company.tables["Bill"]))
    company.drop("Bill", bill, datetime(2026, 11, 21, tzinfo=UTC))
    keeper.save(qbo)
    assert texts(company) != seeded

    later, qbo_again, again = served(path, date(2026, 12, 1))
    assert later.today == TODAY
    assert texts(again) == texts(company)
    assert again.tombstones["Bill"][bill].text == company.tombstones["Bill"][bill].text
    assert again.next_id("Bill") == company.next_id("Bill")
    assert qbo_again.tokens.refresh(pair.refresh_token).refresh_token == pair.refresh_token


async def test_nothing_is_written_without_a_folder() -> None:
    keeper = QboKeeper(None, TODAY)
    qbo = QboSandbox(QboSandboxConfig())
    keeper.restore(qbo)
    async with keeper.saving(qbo):
        assert keeper.today == TODAY
