"""Users of the scenario, and requests that several folders need."""

from collections.abc import Callable
from typing import Any

from checks import article, error, user
from collection import Json, body_text, get, post
from contract import BLANK, INVALID, NOT_JSON, UNSET_TEXTS

RUN = "{{run}}"
AMY, BOB, CLEO, DAN, DORA, EVE, PIA = (f"{name}-{RUN}" for name in ["Amy", "Bob", "Cleo", "Dan", "Dora", "Eve", "Pia"])
ABSENT = "Unknown-{{run}}"
PASSWORD = "correct horse"
NEW_USER = {"username": "New-{{run}}", "email": "new-{{run}}@mail.com", "password": PASSWORD}
NEW_ARTICLE = {"title": "Some title", "description": "About it", "body": "Its body"}
DRAGON = "/articles/{{dragonSlug}}"  # Amy's article, which most folders use
ABSENT_ARTICLE = "/articles/no-such-{{run}}"
NOT_A_TOKEN = {"Authorization": "Token not.a.token"}


def email(username: str) -> str:
    return f"{username}@Mail.com"


def register(name: str, fields: Json, *checks: str, **options: Any) -> Json:
    return post(name, "/users", {"user": {**NEW_USER, **fields}}, *checks, **options)


def register_person(username: str, about: str = "") -> Json:
    """Registers one of the users above and saves the token, as `amyToken` for Amy."""
    first_name = username.split("-")[0]
    return register(
        f"Register {first_name}",
        {"username": username, "email": email(username)},
        user(201, username=username, email=email(username), **UNSET_TEXTS),
        save={f"{first_name.lower()}Token": "user.token"},
        about=about,
    )


def log_in(name: str, fields: Json, *checks: str, **options: Any) -> Json:
    return post(
        name, "/users/login", {"user": {"email": email(AMY), "password": PASSWORD, **fields}}, *checks, **options
    )


def create_article(name: str, fields: Json, *checks: str | list[str], **options: Any) -> Json:
    return post(name, "/articles", {"article": {**NEW_ARTICLE, **fields}}, *checks, **{"by": "amy", **options})


def create_color(title: str, username: str, tags: list[str], **options: Any) -> Json:
    first_name = username.split("-")[0]
    return create_article(
        f"{first_name} creates {title}",
        {"title": title, "description": "A colour", "body": "Nothing else", "tagList": tags},
        article(201, title=title, author={"username": username}),
        by=first_name.lower(),
        **options,
    )


def malformed_bodies(action: str, key: str, send: Callable[..., Json], content: Json) -> list[Json]:
    """Returns a request for each body that is not a JSON object with an object under `key`.

    `send` makes a request from a name, a body and checks. `content` is a valid value of the key.
    """
    valid = body_text({key: content})
    return [
        send(f"{action} with truncated JSON", f'{{"{key}": {{', error(422, body=NOT_JSON)),
        send(f"{action} with text after the JSON", f"{valid} and more", error(422, body=NOT_JSON)),
        send(f"{action} with an empty body", "", error(422, body=NOT_JSON)),
        send(f"{action} with an array instead of an object", [], error(422, body=INVALID)),
        send(f"{action} with the JSON value null", "null", error(422, body=INVALID)),
        send(f'{action} without the key "{key}"', {}, error(422, **{key: BLANK})),
        send(f'{action} with a number as "{key}"', {key: 5}, error(422, **{key: INVALID})),
        send(f'{action} with an array as "{key}"', {key: []}, error(422, **{key: INVALID})),
    ]


def invalid_pages(path: str, **options: Any) -> list[Json]:
    """Returns a request for each value of limit and offset that a list rejects."""
    rejected = {
        "A limit of 0": "limit=0",
        "A negative limit": "limit=-1",
        "A limit that is a word": "limit=ten",
        "A limit that is a fraction": "limit=1.5",
        "An empty limit": "limit=",
        "A negative limit beyond any integer type": "limit=-99999999999999999999",
        "A negative offset": "offset=-1",
        "An offset that is a word": "offset=ten",
        "An invalid limit and an invalid offset": "limit=0&offset=-1",
    }
    return [
        get(
            name, f"{path}?{query}", error(422, **{pair.split("=")[0]: INVALID for pair in query.split("&")}), **options
        )
        for name, query in rejected.items()
    ]
