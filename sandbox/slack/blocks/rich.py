"""Rich text: sections, lists, quotes and preformatted text."""

from sandbox.slack.blocks.problems import JsonObject, Problems

_INLINE = ("text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "color", "date", "team")
_PARTS = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")


def check_rich_text(problems: Problems, block: JsonObject, at: str) -> None:
    for part, where in problems.objects(block, "elements", at, 1, 1000):
        kind = part.get("type")
        if kind not in _PARTS:
            problems.add(f"unsupported type: {kind}", f"{where}/type")
        elif kind == "rich_text_list":
            _check_list(problems, part, where)
        else:
            _check_inline(problems, part, where)


def _check_list(problems: Problems, part: JsonObject, at: str) -> None:
    problems.choice(part, "style", at, ("bullet", "ordered"), required=True)
    indent = part.get("indent", 0)
    if not isinstance(indent, int) or not 0 <= indent <= 8:
        problems.add("must be between 0 and 8", f"{at}/indent")
    for section, where in problems.objects(part, "elements", at, 1, 1000):
        if section.get("type") != "rich_text_section":
            problems.add("must be a rich_text_section", f"{where}/type")
        _check_inline(problems, section, where)


def _check_inline(problems: Problems, part: JsonObject, at: str) -> None:
    for element, where in problems.objects(part, "elements", at, 0, 10_000):
        kind = element.get("type")
        if kind not in _INLINE:
            problems.add(f"unsupported type: {kind}", f"{where}/type")
        elif kind == "text":
            problems.string(element, "text", where, 100_000, required=True)
        elif kind == "link":
            problems.url(element, "url", where, required=True)
