"""What is measured: requests whose numbers are drawn anew each time, and what they must reach.

A request is written once, with `$name` for a number drawn from `ranges`. From it come the requests that wrk sends, the one example
from which the server's SQL is learnt, and the parameters of that SQL when pgbench runs it.
"""

import json
from dataclasses import dataclass
from string import Template
from typing import Optional

from dataset import BODY, NAMES, PASSWORD, READERS, TAGS


@dataclass(frozen=True)
class Request:
    """One request; `as_reader` sends the token of user `$reader`."""

    method: str
    path: str
    body: Optional[str] = None
    as_reader: bool = False

    def filled(self, numbers):
        """This request with the numbers in their places."""
        fill = lambda text: text and Template(text).substitute(numbers)
        return Request(self.method, fill(self.path), fill(self.body), self.as_reader)

    def names(self):
        """What is drawn for it."""
        text = self.path + (self.body or "") + (" $reader" if self.as_reader else "")
        return [name for name in RANGES if Template(text).safe_substitute({name: ""}) != text]


@dataclass(frozen=True)
class Endpoint:
    """A request, or a change and the request that undoes it, with the share of PostgreSQL's limit that it must reach."""

    name: str
    kind: str  # read, write or login
    target: float
    requests: tuple

    def names(self):
        """What is drawn for its requests."""
        return list(dict.fromkeys(name for request in self.requests for name in request.names()))


# The lowest and highest number, with the data set's sizes by name. From NAMES on they are names, which are text in SQL; below, ids.
# `$unique` is a name that is new each time; its digits are always as many.
RANGES = {
    "reader": lambda sizes: (1, READERS),
    "email": lambda sizes: (1, sizes["users"]),
    "user": lambda sizes: (NAMES + 1, NAMES + sizes["users"]),
    "stranger": lambda sizes: (NAMES + READERS + 1, NAMES + sizes["users"]),
    "article": lambda sizes: (NAMES + 1, NAMES + sizes["articles"]),
    "tag": lambda sizes: (NAMES, NAMES + TAGS - 1),
    "low_tag": lambda sizes: (NAMES, NAMES + TAGS // 3 - 1),
    "mid_tag": lambda sizes: (NAMES + TAGS // 3, NAMES + 2 * TAGS // 3 - 1),
    "high_tag": lambda sizes: (NAMES + 2 * TAGS // 3, NAMES + TAGS - 1),
    "unique": lambda sizes: (10**11, 10**12 - 1),
}


def ranges(names, sizes):
    """The ranges of these names."""
    return {name: RANGES[name](sizes) for name in names}


def example(names, sizes):
    """A number for each name, no two of them alike, so that they are known again in the SQL."""
    numbers = {name: low + (high - low) * 7 // 10 for name, (low, high) in ranges(names, sizes).items()}
    assert len(set(numbers.values())) == len(numbers), f"two examples are alike: {numbers}"
    return numbers


def get(path, **options):
    """A request that only looks."""
    return (Request("GET", path, **options),)


ARTICLE = {
    "title": "$unique",
    "description": "What an article of the benchmark is about",
    "body": BODY,
    "tagList": ["$low_tag", "$mid_tag", "$high_tag"],
}
COMMENT = {"body": "A comment of the benchmark, with some more words to read."}
CREDENTIALS = {"email": "user$email@example.com", "password": PASSWORD}
FAVORITE = "/api/articles/$article/favorite"
FOLLOW = "/api/profiles/$stranger/follow"


def sends(method, path, key=None, value=None, as_reader=True):
    """A request that changes something."""
    return Request(method, path, json.dumps({key: value}) if key else None, as_reader)


ENDPOINTS = (
    Endpoint("list", "read", 0.60, get("/api/articles")),
    Endpoint("by-tag", "read", 0.60, get("/api/articles?tag=$tag")),
    Endpoint("by-author", "read", 0.60, get("/api/articles?author=$user")),
    Endpoint("favorited", "read", 0.60, get("/api/articles?favorited=$user")),
    Endpoint("feed", "read", 0.60, get("/api/articles/feed", as_reader=True)),
    Endpoint("article", "read", 0.45, get("/api/articles/$article")),
    Endpoint("comments", "read", 0.45, get("/api/articles/$article/comments")),
    Endpoint("tags", "read", 0.45, get("/api/tags")),
    Endpoint("profile", "read", 0.40, get("/api/profiles/$user")),
    Endpoint("user", "read", 0.40, get("/api/user", as_reader=True)),
    Endpoint("login", "login", 0.90, (sends("POST", "/api/users/login", "user", CREDENTIALS, as_reader=False),)),
    Endpoint("favorite", "write", 0.60, (sends("POST", FAVORITE), sends("DELETE", FAVORITE))),
    Endpoint("follow", "write", 0.60, (sends("POST", FOLLOW), sends("DELETE", FOLLOW))),
    Endpoint("comment", "write", 0.60, (sends("POST", "/api/articles/$article/comments", "comment", COMMENT),)),
    Endpoint("publish", "write", 0.60, (sends("POST", "/api/articles", "article", ARTICLE),)),
)
