"""The dependency contracts of pyproject.toml hold, and each of them is seen to bite."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked

# contract → a file and an import that break it
PLANTED = {
    "Layers": ("kit/planted.py", "import domains"),
    "bot is fully ranked": ("bot/actions.py", "import bot.http"),
    "only domains and workers meet QuickBooks": ("orchestrators/planted.py", "import domains.qbo"),
    "the raw client stays inside domains": ("workers/planted.py", "import domains.qbo.client"),
    "calculators are pure": ("calculators/planted.py", "import httpx"),
    "sandbox stands alone": ("sandbox/planted.py", "import kit"),
    "nothing leans on the sandbox": ("kit/planted.py", "import sandbox"),
    "no cycles": ("domains/planted.py", "import domains.planted_too"),
}
ALSO = {"domains/planted_too.py": "import domains.planted"}


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the project in which every contract is broken once."""
    copy = tmp_path_factory.mktemp("broken")
    for path in tracked():
        if path.endswith(".py") or path == "pyproject.toml":
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, copy / path)
    for path, planted in [*PLANTED.values(), *ALSO.items()]:
        with (copy / path).open("a") as file:
            file.write(f"\n{planted}\n")
    return lint_imports(copy).stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(contract: str, broken: str) -> None:
    assert f"{contract} BROKEN" in broken


def test_every_contract_is_seen_to_bite() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {contract["name"] for contract in config["tool"]["importlinter"]["contracts"]} == PLANTED.keys()
