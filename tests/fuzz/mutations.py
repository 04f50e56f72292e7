"""Requests that no client would send on purpose: those of the API with parts damaged, exchanged or overdone.

What schemathesis cannot send, since it builds requests from a schema: broken JSON, bytes that are no UTF-8, paths that are not
encoded well, tokens with a letter changed.
"""

import json
import random
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass
class Request:
    """A request, well-formed as far as HTTP goes."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes | None

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        headers = [(b"Host", b"localhost"), *self.headers]
        if self.body is not None:
            headers.append((b"Content-Length", str(len(self.body)).encode()))
        lines = [self.method.encode() + b" " + self.target + b" HTTP/1.1", *(name + b": " + value for name, value in headers)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + (self.body or b"")


NEW_USER = {"username": "dora", "email": "dora@example.com", "password": "dora's password"}
CHANGES = {"username": "amy", "email": "amy@example.com", "bio": "I like tea", "image": None}
ARTICLE = {"title": "Dragons", "description": "About dragons", "body": "They are large.", "tagList": ["dragons", "tea"]}

OPERATIONS: list[tuple[str, str, Json]] = [
    ("POST", "/users", {"user": NEW_USER}),
    ("POST", "/users/login", {"user": {"email": "amy@example.com", "password": "amy's password"}}),
    ("GET", "/user", None),
    ("PUT", "/user", {"user": CHANGES}),
    ("GET", "/profiles/bob", None),
    ("POST", "/profiles/bob/follow", None),
    ("DELETE", "/profiles/bob/follow", None),
    ("GET", "/articles", None),
    ("GET", "/articles?tag=tea&author=amy&favorited=bob&limit=20&offset=0", None),
    ("GET", "/articles/feed?limit=20&offset=0", None),
    ("POST", "/articles", {"article": ARTICLE}),
    ("GET", "/articles/dragons", None),
    ("PUT", "/articles/tea", {"article": ARTICLE}),
    ("DELETE", "/articles/wyverns", None),
    ("POST", "/articles/dragons/favorite", None),
    ("DELETE", "/articles/dragons/favorite", None),
    ("GET", "/articles/dragons/comments", None),
    ("POST", "/articles/dragons/comments", {"comment": {"body": "Nice"}}),
    ("DELETE", "/articles/dragons/comments/1", None),
    ("GET", "/tags", None),
]

# What parsers stumble over, in bodies.
BYTES = [
    b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b'"', b"\\", b"\\u0000", b"\\ud800",
    b"\\udc00\\ud800", b"1e999", b"-0", b"9" * 400, b"[" * 2000, b'{"a":' * 500, b"null", b"true", b"{}", b",", b"}", b"\r\n",
    "\u202e".encode(), "ﬃ".encode(), "İ".encode(), "\U000e0001".encode(), b"a" * 5000, b"'; drop table users; --", b"${jndi:x}",
]  # fmt: skip

# The same for values of JSON.
VALUES: list[Json] = [
    None, True, 0, -1, 1e300, 2**63, [], [None], [[]], {}, {"a": {}}, "", " ", "\0", "\ud800", "a" * 300, "ß" * 65, "\u200b", "@", "a@b",
    ["a"] * 33, ["a" * 65], [1], "feed", "..", "/", "%00", "é", "e\u0301", "𝒂𝒎𝒚", "AMY", "amy@EXAMPLE.com",
]  # fmt: skip

# And for paths and queries.
PARTS = [
    b"%00", b"%FF", b"%2F", b"%252F", b"..", b"%2e%2e", b".", b"", b"feed", b"a" * 3000, b"%ED%A0%80", b"%F0%9F%98%80", b"%", b"%zz", b"-1",
    b"0", b"9" * 400, b"1e3", b"+", b"&&", b"=", b"[]", b"'", b"*", b"~", b"%0d%0a", b"dragons", b"amy", b"A" * 65, b";", b"%C4%B0",
]  # fmt: skip

HEADERS = [
    (b"Content-Type", b"text/plain"), (b"Content-Type", b"application/json; charset=utf-16"), (b"Content-Type", b"\xff"),
    (b"X-Request-Id", b"\xff\xfe"), (b"X-Request-Id", b"a" * 300), (b"Origin", b"null"), (b"Origin", b"\xff"), (b"Accept", b"\xff"),
    (b"Expect", b"200-ok"), (b"If-None-Match", b"*"), (b"Range", b"bytes=0-"), (b"Cookie", b"a=b;" * 300), (b"X-Forwarded-For", b"1.2.3.4,"),
    (b"Content-Encoding", b"gzip"), (b"traceparent", b"00-0-0-00"), (b"Idempotency-Key", b"\xff"),
]  # fmt: skip

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]


def request(dice: random.Random, token: str) -> Request:
    """One of the requests of the API, with something wrong in it."""
    method, path, body = dice.choice(OPERATIONS)
    target = b"/api" + path.encode()
    if dice.random() < 0.3:
        target = damaged_target(dice, target)
    if dice.random() < 0.05:
        method = dice.choice(METHODS)
    data = None
    if body is not None or dice.random() < 0.1:
        data = damaged_body(dice, body)
    headers = dice.sample(HEADERS, dice.choice([0, 0, 0, 1, 2]))
    authorization = credentials(dice, token.encode())
    if authorization is not None:
        headers = [*headers, (b"Authorization", authorization)]
    return Request(method, target, headers, data)


def credentials(dice: random.Random, token: bytes) -> bytes | None:
    """The right ones, mostly."""
    place = dice.randrange(len(token))
    wrong = [
        None, b"", b"Token", b"Token ", b"Bearer x.y.z", b"Basic YTpi", b"\xff", b"Token " + token[:place], b"Token " + b"a" * 4000,
        b"Token " + token[:place] + bytes([dice.choice(b"aZ0-_.")]) + token[place + 1 :], b"Token " + token + b"." + token,
    ]  # fmt: skip
    return b"Token " + token if dice.random() < 0.8 else dice.choice(wrong)


def damaged_target(dice: random.Random, target: bytes) -> bytes:
    """A path with other parts, or a query with other values."""
    path, _, query = target.partition(b"?")
    if query and dice.random() < 0.7:
        pairs = query.split(b"&")
        name = dice.choice(pairs).partition(b"=")[0]
        return path + b"?" + b"&".join([*pairs, name + b"=" + dice.choice(PARTS)])
    parts = path.split(b"/")
    parts[dice.randrange(2, len(parts))] = dice.choice(PARTS)
    return b"/".join(parts) + (b"?" + query if query else b"")


def damaged_body(dice: random.Random, body: Json) -> bytes:
    """JSON with other values, and then perhaps other bytes."""
    body = json.loads(json.dumps(body))
    if isinstance(body, dict) and dice.random() < 0.6:
        fields = next(iter(body.values()))
        for _ in range(dice.choice([1, 1, 2])):
            fields[dice.choice([*fields, "extra", ""])] = dice.choice(VALUES)
        if dice.random() < 0.1:
            body[dice.choice([*body, "extra"])] = dice.choice(VALUES)
    data = json.dumps(body, ensure_ascii=dice.random() < 0.5).encode(errors="surrogatepass")
    if dice.random() < 0.5:
        for _ in range(dice.choice([1, 1, 2, 4])):
            data = damaged_bytes(dice, data)
    return data


def damaged_bytes(dice: random.Random, data: bytes) -> bytes:
    """Some bytes less, more, twice or changed."""
    start, end = sorted((dice.randint(0, len(data)), dice.randint(0, len(data))))
    return dice.choice([
        data[:start],
        data[:start] + data[end:],
        data[:end] + data[start:],
        data[:start] + dice.choice(BYTES) + data[start:],
        data[:start] + dice.choice(BYTES) + data[end:],
        data[:start] + dice.randbytes(4) + data[start + 4 :],
    ])  # fmt: skip
