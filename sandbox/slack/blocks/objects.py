"""Composition objects: texts, options, option groups, confirm dialogs."""

from sandbox.slack.blocks.problems import JsonObject, Problems

_TEXT_KEYS = frozenset({"type", "text", "emoji", "verbatim"})


def check_text(problems: Problems, holder: JsonObject, key: str, at: str, limit: int, *, plain: bool = False) -> None:
    """An optional text object under `key`; `plain` refuses mrkdwn."""
    text = problems.child(holder, key, at)
    if text is None:
        return
    where = f"{at}/{key}"
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if text.get("type") not in kinds:
        problems.add(f"must be of type {' or '.join(kinds)}", f"{where}/type")
    problems.string(text, "text", where, limit, required=True)
    problems.known_keys(text, _TEXT_KEYS, where)
    problems.boolean(text, "emoji", where)
    if "verbatim" in text and text.get("type") == "plain_text":
        problems.add("invalid additional property: verbatim", where)
    if "emoji" in text and text.get("type") == "mrkdwn":
        problems.add("invalid additional property: emoji", where)


def require_text(problems: Problems, holder: JsonObject, key: str, at: str, limit: int, *, plain: bool = False) -> None:
    if holder.get(key) is None:
        problems.add(f"missing required field: {key}", at)
    check_text(problems, holder, key, at, limit, plain=plain)


def check_confirm(problems: Problems, element: JsonObject, at: str) -> None:
    confirm = problems.child(element, "confirm", at)
    if confirm is None:
        return
    where = f"{at}/confirm"
    require_text(problems, confirm, "title", where, 100, plain=True)
    require_text(problems, confirm, "text", where, 300)
    for key in ("confirm", "deny"):
        require_text(problems, confirm, key, where, 30, plain=True)
    problems.choice(confirm, "style", where, ("primary", "danger"))
    problems.known_keys(confirm, frozenset({"title", "text", "confirm", "deny", "style"}), where)


def check_options(
    problems: Problems, element: JsonObject, at: str, low: int, high: int, *, plain: bool = True
) -> list[JsonObject]:
    options = problems.objects(element, "options", at, low, high)
    for option, where in options:
        check_option(problems, option, where, plain=plain)
    _check_distinct(problems, [option for option, _ in options], at)
    return [option for option, _ in options]


def check_option(problems: Problems, option: JsonObject, at: str, *, plain: bool = True) -> None:
    require_text(problems, option, "text", at, 75, plain=plain)
    problems.string(option, "value", at, 150, required=True)
    check_text(problems, option, "description", at, 75, plain=plain)
    problems.url(option, "url", at)
    problems.known_keys(option, frozenset({"text", "value", "description", "url"}), at)


def check_choices(problems: Problems, element: JsonObject, at: str) -> list[JsonObject]:
    """A static select has options or option_groups, never both."""
    if ("options" in element) == ("option_groups" in element):
        problems.add("must define either `options` or `option_groups`", at)
    if "option_groups" not in element:
        return check_options(problems, element, at, 1, 100)
    flat: list[JsonObject] = []
    for group, where in problems.objects(element, "option_groups", at, 1, 100):
        require_text(problems, group, "label", where, 75, plain=True)
        flat += check_options(problems, group, where, 1, 100)
    return flat


def check_initial(problems: Problems, element: JsonObject, at: str, options: list[JsonObject]) -> None:
    chosen = element.get("initial_options") or []
    if "initial_option" in element:
        chosen = [element["initial_option"]]
    values = {option.get("value") for option in options}
    for one in chosen if isinstance(chosen, list) else []:
        if not isinstance(one, dict) or one.get("value") not in values:
            problems.add("initial option is not one of the options", f"{at}/initial_option")


def _check_distinct(problems: Problems, options: list[JsonObject], at: str) -> None:
    values = [option.get("value") for option in options if isinstance(option.get("value"), str)]
    if len(values) != len(set(values)):
        problems.add("options must have distinct values", f"{at}/options")
