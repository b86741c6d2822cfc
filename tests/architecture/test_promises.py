"""What people type and set is what the documents promise."""

import fcntl
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import AliasChoices

from kit.config import Settings
from tests.architecture.sources import ROOT

TARGETS = {"demo", "demo-reset", "test", "help", "setup", "check", "unit", "bench", "faults", "lock", "up"}
# Read by `runway demo` and `runway sandbox` only: the sandbox knows nothing of Settings.
SANDBOX_ONLY = {"RUNWAY_SANDBOX_PORT"}


def variables() -> set[str]:
    """Every environment variable that Settings reads."""
    found = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        found |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias or name).upper()}
    return found


def test_every_variable_stands_in_the_example_and_no_other() -> None:
    example = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example == variables() | SANDBOX_ONLY


@pytest.mark.parametrize("file", [".env.example", "requirements.lock", "Makefile"])
def test_the_example_and_the_lock_hold_no_secret_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text()
    assert not re.search(r"xox[a-z]-|index.url|@ https?://", text)


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", said, re.MULTILINE)) == TARGETS


def test_a_target_without_python_says_what_is_missing() -> None:
    command = ["make", "--always-make", "setup", "PYTHON="]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "Python 3.11 or newer" in refused.stderr


def reset(home: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", "demo-reset", f"RUNWAY_HOME={home}", f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_reset_forgets_the_demo_and_nothing_else(tmp_path: Path) -> None:
    for name in ("postgres", "redis", "run", "sandbox", "logs", "tests"):
        (tmp_path / name).mkdir()
    for name in ("embedded.lock", "encryption-keys", "demo-secrets.json", "postgres.pid", "redis.log", "kept.txt"):
        (tmp_path / name).touch()
    assert reset(tmp_path).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"tests", "kept.txt"}


def test_a_reset_of_nothing_is_fine(tmp_path: Path) -> None:
    assert reset(tmp_path / "never").returncode == 0
    assert not (tmp_path / "never").exists()


def test_a_running_demo_is_not_reset_from_under_itself(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with (tmp_path / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = reset(tmp_path)
    assert refused.returncode != 0
    assert "stop it first" in refused.stderr
    assert (tmp_path / "postgres").exists()


def test_every_locked_dependency_is_pinned_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, re.MULTILINE | re.IGNORECASE)
    hashed = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) > 50
    assert pinned == hashed


def test_ci_runs_the_command_of_the_readme() -> None:
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("\nmake test")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert "make test" in (ROOT / "README.md").read_text()
