"""What the documents claim is what the code does."""

import re
from pathlib import Path

from bot.commands import COMMANDS
from domains.people import ALLOWED, Role

ROOT = Path(__file__).parents[3]


def test_the_permission_table_is_the_one_that_is_enforced() -> None:
    text = (ROOT / "docs/security.md").read_text()
    for act, roles in ALLOWED.items():
        marks = " | ".join("✓" if role in roles else "–" for role in Role)
        assert f"| {act.value} | {marks} |" in text


def test_every_test_that_the_documents_name_exists() -> None:
    text = (ROOT / "docs/security.md").read_text()
    named = set(re.findall(r"`(tests/[\w/.]+)`", text))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text()
    missing = [one.name for one in COMMANDS if one.name and one.name not in text]
    assert missing == []


def test_every_document_and_picture_that_is_linked_exists() -> None:
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
        assert [link for link in links if not (document.parent / link).exists()] == []
