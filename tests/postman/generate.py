"""Writes the Postman collection to the standard output.

python3 tests/postman/generate.py > target/conduit.postman_collection.json
"""

import json
from pathlib import Path

from collection import Json, javascript, script
from contract import RESPONSES
from folders import (
    account,
    article_creation,
    article_deletion,
    article_update,
    authentication,
    comments,
    favorites,
    http,
    lists,
    profiles,
    registration,
)

FOLDERS = [
    registration.REGISTRATION,
    registration.REGISTRATION_ERRORS,
    account.UPDATE,
    account.CREDENTIALS,
    profiles.PROFILES,
    article_creation.CREATE,
    article_update.UPDATE,
    favorites.FAVORITES,
    lists.LIST,
    lists.FEED,
    comments.COMMENTS,
    lists.TAGS,
    article_deletion.DELETE,
    authentication.AUTHENTICATION,
    authentication.PRECEDENCE,
    http.ROUTING,
    http.CORS,
]

DESCRIPTION = """\
Every endpoint and every error of the API. Later requests use what earlier ones created, so a run
executes all of them in order. Each run uses new names; the database may be empty or full.

Variables: `APIURL` is the base path of the server, `bodyLimit` the size in bytes above which it
rejects a request body. The run sets all others.

Not covered, because a client cannot cause it on a development server: 429 (too many requests), 503
(the database is unavailable), an expired token, the token of a deleted user. Postman cannot send a
body that is not UTF-8."""


def shared_script(listen: str, **values: Json) -> Json:
    """Returns a script of `shared` that has its constants in upper case replaced."""
    source = (Path(__file__).parent / "shared" / f"{listen}.js").read_text()
    for name, value in values.items():
        source = source.replace(name, javascript(value))
    return script(listen, source)


def collection() -> Json:
    return {
        "info": {
            "_postman_id": "6f0b8a52-3c1d-4e57-9a44-c0d1b7e2a917",
            "name": "Conduit API",
            "description": DESCRIPTION,
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": FOLDERS,
        "event": [
            shared_script("prerequest", FIRST_REQUEST=FOLDERS[0]["item"][0]["name"]),
            shared_script("test", RESPONSES=RESPONSES),
        ],
        "variable": [
            {"key": "APIURL", "value": "http://localhost:8080/api"},
            {"key": "bodyLimit", "value": "1048576"},
        ],
    }


if __name__ == "__main__":
    print(json.dumps(collection(), indent=2))
