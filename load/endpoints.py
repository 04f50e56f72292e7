"""The measured endpoints: requests with placeholders, and the ratio that each must reach.

A request is written once, with `$name` for a number drawn from `RANGES`. It is the source of the
requests that wrk sends, of the one example from which the server's SQL is recorded, and of the
parameters of that SQL when pgbench runs it.
"""

import json
from dataclasses import dataclass
from string import Template
from typing import Optional

from dataset import BODY, NAMES, PASSWORD, READERS, TAGS


@dataclass(frozen=True)
class Request:
    """A request; `as_reader` sends the token of user `$reader`."""

    method: str
    path: str
    body: Optional[str] = None
    as_reader: bool = False

    def substitute(self, numbers):
        """Returns this request with numbers in place of its placeholders."""
        fill = lambda text: text and Template(text).substitute(numbers)
        return Request(self.method, fill(self.path), fill(self.body), self.as_reader)

    def placeholders(self):
        """Returns the names of the numbers to draw."""
        text = self.path + (self.body or "") + (" $reader" if self.as_reader else "")
        return [name for name in RANGES if Template(text).safe_substitute({name: ""}) != text]


@dataclass(frozen=True)
class Endpoint:
    """A request, or a change and the request that undoes it.

    `target` is the share of PostgreSQL's limit that the endpoint must reach.
    """

    name: str
    kind: str  # read, write or login
    target: float
    requests: tuple

    def placeholders(self):
        """Returns the names of the numbers to draw."""
        return list(dict.fromkeys(name for request in self.requests for name in request.placeholders()))


# The lowest and highest number of each placeholder. Numbers from NAMES on are names, which are text
# in SQL; lower ones are ids. `$unique` is new in each request, with a fixed number of digits.
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
    """Returns the range of each placeholder for a data set of these sizes."""
    return {name: RANGES[name](sizes) for name in names}


def example(names, sizes):
    """Returns a number for each placeholder, all distinct so that the SQL shows where each went."""
    numbers = {name: low + (high - low) * 7 // 10 for name, (low, high) in ranges(names, sizes).items()}
    assert len(set(numbers.values())) == len(numbers), f"two examples are equal: {numbers}"
    return numbers


def get(path, **options):
    """Returns the requests of an endpoint that reads."""
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


def write(method, path, key=None, value=None, as_reader=True):
    """Returns a request that changes something, with `value` below `key` as its JSON."""
    return Request(method, path, json.dumps({key: value}) if key else None, as_reader)


def log_in(user):
    """Returns the request that logs a user in."""
    return write("POST", "/api/users/login", "user", user, as_reader=False)


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
    Endpoint("login", "login", 0.90, (log_in(CREDENTIALS),)),
    Endpoint("favorite", "write", 0.60, (write("POST", FAVORITE), write("DELETE", FAVORITE))),
    Endpoint("follow", "write", 0.60, (write("POST", FOLLOW), write("DELETE", FOLLOW))),
    Endpoint("comment", "write", 0.60, (write("POST", "/api/articles/$article/comments", "comment", COMMENT),)),
    Endpoint("publish", "write", 0.60, (write("POST", "/api/articles", "article", ARTICLE),)),
)
