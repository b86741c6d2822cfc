"""Wrong words and settings end with 2 and a sentence, trouble with 1; never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
    "REDIS_URL": "unix:///nowhere/redis.sock",
    "RUNWAY_ENCRYPTION_KEYS": "k:" + "A" * 43 + "=",
}


def runway(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "RUNWAY_HOME": str(home), "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "runway", *words]
    # Started elsewhere, so that nobody's .env is read.
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("businesses",), "there is no installation in"),
        (("digest", "abc", "--json"), "say --preview too"),
        (("migrate",), "DATABASE_URL must be set"),
        (("work",), "REDIS_URL must be set"),
        (("sinc",), "No such command"),
    ],
)
def test_wrong_input_ends_with_2_and_a_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    ended = runway(tmp_path, *words)
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("words", [("businesses",), ("keys", "rotate")])
def test_a_service_that_is_away_ends_with_1_and_the_way_on(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = runway(tmp_path, *words, **NOWHERE)
    assert ended.returncode == 1
    assert "`runway doctor` says more" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_doctor_ends_with_1_on_trouble(tmp_path: Path) -> None:
    ended = runway(tmp_path, "doctor", **NOWHERE)
    assert ended.returncode == 1
    assert "✗ database: does not answer" in ended.stdout
    assert "✗ redis: does not answer" in ended.stdout


def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    ended = runway(tmp_path, "businesses", RUNWAY_WORKER_THREADS="secret-value")
    assert ended.returncode == 2
    assert "RUNWAY_WORKER_THREADS" in ended.stderr
    assert "secret-value" not in ended.stderr


def test_a_manifest_is_for_the_public_url(tmp_path: Path) -> None:
    made = runway(tmp_path, "manifest", RUNWAY_PUBLIC_URL="https://runway.example.com/").stdout
    assert '"https://runway.example.com/slack/events"' in made
