"""Mutated requests: valid requests of the API with parts damaged, exchanged or exaggerated.

They cover what schemathesis cannot send, because it derives requests from a schema: broken JSON,
invalid UTF-8, badly encoded paths, altered tokens.
"""

import json
import random
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass
class Request:
    """Request that is well-formed at the level of HTTP."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes | None

    def encoded(self) -> bytes:
        """Returns the bytes to send."""
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

# Fragments that often break parsers, for bodies.
BODY_FRAGMENTS = [
    b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b'"', b"\\", b"\\u0000", b"\\ud800",
    b"\\udc00\\ud800", b"1e999", b"-0", b"9" * 400, b"[" * 2000, b'{"a":' * 500, b"null", b"true", b"{}", b",", b"}", b"\r\n",
    "\u202e".encode(), "ﬃ".encode(), "İ".encode(), "\U000e0001".encode(), b"a" * 5000, b"'; drop table users; --", b"${jndi:x}",
]  # fmt: skip

# Values that often break validation, for JSON.
JSON_VALUES: list[Json] = [
    None, True, 0, -1, 1e300, 2**63, [], [None], [[]], {}, {"a": {}}, "", " ", "\0", "\ud800", "a" * 300, "ß" * 65, "\u200b", "@", "a@b",
    ["a"] * 33, ["a" * 65], [1], "feed", "..", "/", "%00", "é", "e\u0301", "𝒂𝒎𝒚", "AMY", "amy@EXAMPLE.com",
]  # fmt: skip

# Fragments for paths and queries.
URL_FRAGMENTS = [
    b"%00", b"%FF", b"%2F", b"%252F", b"..", b"%2e%2e", b".", b"", b"feed", b"a" * 3000, b"%ED%A0%80", b"%F0%9F%98%80", b"%", b"%zz", b"-1",
    b"0", b"9" * 400, b"1e3", b"+", b"&&", b"=", b"[]", b"'", b"*", b"~", b"%0d%0a", b"dragons", b"amy", b"A" * 65, b";", b"%C4%B0",
]  # fmt: skip

HEADERS = [
    (b"Content-Type", b"text/plain"), (b"Content-Type", b"application/json; charset=utf-16"), (b"Content-Type", b"\xff"),
    (b"X-Request-Id", b"\xff\xfe"), (b"X-Request-Id", b"a" * 300), (b"Origin", b"null"), (b"Origin", b"\xff"), (b"Accept", b"\xff"),
    (b"Expect", b"200-ok"), (b"If-None-Match", b"*"), (b"Range", b"bytes=0-"), (b"Cookie", b"a=b;" * 300), (b"X-Forwarded-For", b"1.2.3.4,"),
    (b"Content-Encoding", b"gzip"), (b"traceparent", b"00-0-0-00"), (b"Idempotency-Key", b"\xff"),
]  # fmt: skip

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]


def mutated_request(rng: random.Random, token: str) -> Request:
    """Returns a random request of the API with random mutations."""
    method, path, body = rng.choice(OPERATIONS)
    target = b"/api" + path.encode()
    if rng.random() < 0.3:
        target = mutated_target(rng, target)
    if rng.random() < 0.05:
        method = rng.choice(METHODS)
    data = None
    if body is not None or rng.random() < 0.1:
        data = mutated_body(rng, body)
    headers = rng.sample(HEADERS, rng.choice([0, 0, 0, 1, 2]))
    authorization = credentials(rng, token.encode())
    if authorization is not None:
        headers = [*headers, (b"Authorization", authorization)]
    return Request(method, target, headers, data)


def credentials(rng: random.Random, token: bytes) -> bytes | None:
    """Returns an Authorization header, which is valid in most cases."""
    position = rng.randrange(len(token))
    invalid = [
        None, b"", b"Token", b"Token ", b"Bearer x.y.z", b"Basic YTpi", b"\xff", b"Token " + token[:position], b"Token " + b"a" * 4000,
        b"Token " + token[:position] + bytes([rng.choice(b"aZ0-_.")]) + token[position + 1 :], b"Token " + token + b"." + token,
    ]  # fmt: skip
    return b"Token " + token if rng.random() < 0.8 else rng.choice(invalid)


def mutated_target(rng: random.Random, target: bytes) -> bytes:
    """Replaces a segment of the path, or adds a query parameter."""
    path, _, query = target.partition(b"?")
    if query and rng.random() < 0.7:
        pairs = query.split(b"&")
        name = rng.choice(pairs).partition(b"=")[0]
        return path + b"?" + b"&".join([*pairs, name + b"=" + rng.choice(URL_FRAGMENTS)])
    parts = path.split(b"/")
    parts[rng.randrange(2, len(parts))] = rng.choice(URL_FRAGMENTS)
    return b"/".join(parts) + (b"?" + query if query else b"")


def mutated_body(rng: random.Random, body: Json) -> bytes:
    """Replaces JSON values, and in half of the cases bytes."""
    body = json.loads(json.dumps(body))
    if isinstance(body, dict) and rng.random() < 0.6:
        fields = next(iter(body.values()))
        for _ in range(rng.choice([1, 1, 2])):
            fields[rng.choice([*fields, "extra", ""])] = rng.choice(JSON_VALUES)
        if rng.random() < 0.1:
            body[rng.choice([*body, "extra"])] = rng.choice(JSON_VALUES)
    data = json.dumps(body, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    if rng.random() < 0.5:
        for _ in range(rng.choice([1, 1, 2, 4])):
            data = mutated_bytes(rng, data)
    return data


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    """Removes, adds, repeats or changes some bytes."""
    start, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
    return rng.choice([
        data[:start],
        data[:start] + data[end:],
        data[:end] + data[start:],
        data[:start] + rng.choice(BODY_FRAGMENTS) + data[start:],
        data[:start] + rng.choice(BODY_FRAGMENTS) + data[end:],
        data[:start] + rng.randbytes(4) + data[start + 4 :],
    ])  # fmt: skip
