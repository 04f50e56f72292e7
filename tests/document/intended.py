"""Intended differences between this API's OpenAPI document and the RealWorld project's.

Each entry accepts the differences that match it. An entry without a matching difference in one of
its operations is stale and fails the comparison. Paths and operations are patterns in which `*`
matches any characters: `*.website` is a field of this name in any schema. Paths look as follows.

    id, tags, needs token
    parameter query offset, parameter query offset default
    request.user.bio, request.user.bio required
    response 200, response 200.articles[].author.bio, response 200.articles[].author.bio type

An empty path stands for the operation as a whole, which this document lacks.
"""

from typing import NamedTuple

ADDED = "added"  # only in this document
REMOVED = "removed"  # only in the RealWorld project's document
CHANGED = "changed"  # in both, with different values

IDEMPOTENT = ("POST /articles*", "POST /profiles/*")
IN_FLIGHT = ("POST /articles/*", "POST /profiles/*")  # POST /articles has a 409 in both documents
LISTS = ("GET /articles", "GET /articles/feed")
NO_INPUT = ("DELETE *", "GET /articles/{slug}*", "GET /profiles/*", "GET /tags", "GET /user")
PUBLIC = ("GET /articles", "GET /articles/{slug}/comments", "GET /profiles/*")
RATE_LIMITED = ("POST /users*", "PUT /user")


class Intended(NamedTuple):
    kind: str
    path: str
    operations: tuple[str, ...]
    reason: str


INTENDED = [
    Intended(REMOVED, "response 401", PUBLIC, "a public route treats an invalid token as anonymous"),
    Intended(REMOVED, "response 422", NO_INPUT, "the request has no input that can be invalid"),
    Intended(ADDED, "parameter query offset default", LISTS, "only this document states the default"),
    Intended(ADDED, "parameter header Idempotency-Key", IDEMPOTENT, "retries must not create a second object"),
    Intended(ADDED, "response 400", IDEMPOTENT, "the idempotency key may be malformed"),
    Intended(ADDED, "response 409", IN_FLIGHT, "a request with the same idempotency key may be in flight"),
    Intended(ADDED, "response 408", ("POST *", "PUT *"), "the body may arrive too slowly"),
    Intended(ADDED, "response 413", ("POST *", "PUT *"), "the body may be too large"),
    Intended(ADDED, "response 429", RATE_LIMITED, "password guessing is rate-limited"),
    Intended(ADDED, "response 503", ("*",), "the database may be unavailable"),
]
