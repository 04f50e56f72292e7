"""Checks of a response, as statements for the test script.

`{{name}}` in an expected value stands for the variable, as in Postman's request fields. Fields that
are not named in an expectation are checked for their kind only.
"""

from collection import Json, javascript


def user(status: int, **fields: Json) -> str:
    return _call("one", "user", status, fields)


def profile(status: int, **fields: Json) -> str:
    return _call("one", "profile", status, fields)


def article(status: int, **fields: Json) -> str:
    return _call("one", "article", status, fields)


def comment(status: int, **fields: Json) -> str:
    return _call("one", "comment", status, fields)


def articles(titles: list[str], total: int, **columns: list[Json]) -> list[str]:
    """Requires a page with these articles and this total. A column has a value per article."""
    return [_call("articles", titles, total), *_columns("article", columns)]


def any_articles() -> str:
    return "check.page();"


def comments(bodies: list[str], **columns: list[Json]) -> list[str]:
    return [_call("comments", bodies), *_columns("comment", columns)]


def tags() -> str:
    return "check.tags();"


def no_content() -> str:
    return "check.noContent();"


def error(status: int, **messages: str) -> str:
    """Requires exactly these errors, one message each."""
    return _call("error", status, messages)


def some_error() -> str:
    """Requires a 422 with any messages."""
    return "check.someError();"


def allows(*methods: str) -> str:
    """Requires these methods in the Allow header."""
    return _call("allows", *methods)


def preflight(method: str) -> str:
    return _call("preflight", method)


def readable_from_any_origin() -> str:
    return "check.readableFromAnyOrigin();"


def equal(name: str, expression: str, expected: Json) -> str:
    """Requires a value of a JavaScript expression over `body`, the parsed response body."""
    return f"check.equal({javascript(name)}, () => {expression}, {javascript(expected)});"


def _columns(item: str, columns: dict[str, list[Json]]) -> list[str]:
    special = {"following": f"{item}.author.following", "id": f"String({item}.id)"}
    return [
        equal(
            f"{name} has the expected values",
            f"body.{item}s.map({item} => {special.get(name, f'{item}.{name}')})",
            column,
        )
        for name, column in columns.items()
    ]


def _call(name: str, *arguments: Json) -> str:
    return f"check.{name}({', '.join(map(javascript, arguments))});"
