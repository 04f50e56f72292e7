"""The API's document, to which every answer is held: to damaged requests too, which no schema describes."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

Json = Any
Headers = dict[str, str]

# What must come along with a status, whatever was asked.
NEEDED = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}
JSON = "application/json; charset=utf-8"


class Document:
    """The document with a validator for the body of every answer that it knows."""

    def __init__(self, document: Json) -> None:
        self.base = document["servers"][0]["url"].encode()
        self.schemas = document["components"]
        self.paths = {
            path: {
                method.upper(): {int(status): self._validator(answer) for status, answer in operation["responses"].items()}
                for method, operation in operations.items()
            }
            for path, operations in document["paths"].items()
        }
        self.error = self._validator(document["paths"]["/user"]["get"]["responses"]["401"])

    def _validator(self, answer: Json) -> jsonschema_rs.Validator | None:
        """None for an answer without a body."""
        if "content" not in answer:
            return None
        schema = closed({**answer["content"]["application/json"]["schema"], "components": self.schemas})
        return jsonschema_rs.validator_for(schema, validate_formats=True)

    def operations(self, target: bytes) -> dict[str, Json] | None:
        """What may be asked at this path, by method; a word of a path goes before a name."""
        path = target.partition(b"?")[0]
        if not path.startswith(self.base + b"/"):
            return None
        parts = [decoded(part) for part in path.removeprefix(self.base + b"/").split(b"/")]
        found = [known for known in self.paths if fits(known.removeprefix("/").split("/"), parts)]
        return self.paths[min(found, key=lambda known: known.count("{"))] if found else None

    def fault(self, method: str, target: bytes, status: int, headers: Headers, body: bytes) -> str | None:
        """What is wrong with an answer; None if nothing is."""
        if "x-request-id" not in headers:
            return "has no id"
        if status in NEEDED and NEEDED[status] not in headers:
            return f"has no {NEEDED[status]}"
        operations = self.operations(target)
        if operations is None or method not in operations:
            wanted = 404 if operations is None else 405
            return None if status == wanted and self._fits(self.error, headers, body) else f"is no {wanted}"
        if status not in operations[method]:
            return "has a status that the document does not know"
        validator = operations[method][status]
        if validator is None:
            return "has a body that the document does not know" if body else None
        return None if self._fits(validator, headers, body) else "is not what the document describes"

    def _fits(self, validator: jsonschema_rs.Validator, headers: Headers, body: bytes) -> bool:
        return headers.get("content-type") == JSON and validator.is_valid(json.loads(body))


def decoded(part: bytes) -> bytes:
    """A part of a path as the server compares it."""
    return unquote_to_bytes(part)


def fits(known: list[str], parts: list[bytes]) -> bool:
    """Whether a path is one of those that a path of the document describes."""
    each = (part and name.startswith("{") or name.encode() == part for name, part in zip(known, parts))
    return len(known) == len(parts) and all(each)


def closed(schema: Json) -> Json:
    """The same schema, without room for fields that it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {**inner, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else inner
