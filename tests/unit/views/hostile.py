"""5,000 names that nobody should give a vendor, and that somebody will."""

import random
from collections.abc import Iterator

PIECES = (
    *("<!channel>", "<!here|here>", "<!everyone>", "<!subteam^S1>", "<@U12345678>", "<#C12345678|general>"),
    *("<https://evil.example|Approve>", "<!date^1|x|y>", "&", "&amp;", "&lt;!channel&gt;", "<", ">", "> quoted"),
    *('"', "'", "*bold*", "_italics_", "~gone~", "`code`", "```\nblock\n```", "|", "{}", "{0}", "%s", "\\n"),
    *("\n", "\r\n", "\n\nApproved by Maya", "\t", "\x00", "\x1b[31m", " ", "   "),
    *("\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200d", "\u200f", "\ufeff", "\u2028", "\u2029", "\u00ad"),
    *("\u3164", "\ue000", "\ud800", "e\u0301", "Z" + "\u0335\u0321\u0330\u0337" * 9, "שלום", "مرحبا", "株式会社"),
    *(":tada:", ":alert:", "🙂", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "é", "@channel", "@here", "@everyone"),
    *("https://evil.example/a?b=c", "evil.example", "mailto:a@b.example", "=HYPERLINK(1)", "O'Neil & Söhne GmbH"),
    *("$1,000.00", "-$5", "Approved", "• ", "1. ", "x" * 90),
)


def hostile_names(number: int = 5000, seed: int = 20261121) -> Iterator[str]:
    """Each piece alone, then mixtures; the same ones on every run."""
    chance = random.Random(seed)
    yield from PIECES
    yield from ("", " ", "\n", "a" * 4000, "<" * 500, "&" * 500, "\u202e" * 200)
    for _ in range(number - len(PIECES) - 7):
        yield "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
