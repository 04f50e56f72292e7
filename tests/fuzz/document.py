"""Checks responses against the OpenAPI document, including those to mutated requests."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

Json = Any
Headers = dict[str, str]

# Headers that a status requires, whatever the request.
REQUIRED_HEADERS = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}
JSON = "application/json; charset=utf-8"


class Document:
    """OpenAPI document, with a validator for the body of each response it describes."""

    def __init__(self, document: Json) -> None:
        self.base = document["servers"][0]["url"].encode()
        self.schemas = document["components"]
        self.paths = {
            path: {
                method.upper(): {int(status): self._validator(response) for status, response in operation["responses"].items()}
                for method, operation in operations.items()
            }
            for path, operations in document["paths"].items()
        }
        self.error = self._validator(document["paths"]["/user"]["get"]["responses"]["401"])

    def _validator(self, response: Json) -> jsonschema_rs.Validator | None:
        """Returns a validator, or None for a response without a body."""
        if "content" not in response:
            return None
        schema = closed({**response["content"]["application/json"]["schema"], "components": self.schemas})
        return jsonschema_rs.validator_for(schema, validate_formats=True)

    def operations(self, target: bytes) -> dict[str, Json] | None:
        """Returns the operations at a path by method. Literal segments win over parameters."""
        path = target.partition(b"?")[0]
        if not path.startswith(self.base + b"/"):
            return None
        parts = [decoded(part) for part in path.removeprefix(self.base + b"/").split(b"/")]
        matching = [template for template in self.paths if matches(template.removeprefix("/").split("/"), parts)]
        return self.paths[min(matching, key=lambda template: template.count("{"))] if matching else None

    def check(self, method: str, target: bytes, status: int, headers: Headers, body: bytes) -> str | None:
        """Returns what is wrong with a response, or None."""
        if "x-request-id" not in headers:
            return "lacks X-Request-Id"
        if status in REQUIRED_HEADERS and REQUIRED_HEADERS[status] not in headers:
            return f"lacks {REQUIRED_HEADERS[status]}"
        operations = self.operations(target)
        if operations is not None and method == "OPTIONS":
            return None if status == 204 and "allow" in headers and not body else "is not 204 with Allow"
        if method == "HEAD":
            unknown = 404 if operations is None else 405
            expected = (operations or {}).get("GET", {unknown: None})
            return None if status in expected and not body else "is not the response of GET without its body"
        if operations is None or method not in operations:
            expected = 404 if operations is None else 405
            return None if status == expected and self._is_valid(self.error, headers, body) else f"is not {expected}"
        if status not in operations[method]:
            return "has a status that the document does not describe"
        validator = operations[method][status]
        if validator is None:
            return "has a body that the document does not describe" if body else None
        return None if self._is_valid(validator, headers, body) else "does not match the document"

    def _is_valid(self, validator: jsonschema_rs.Validator, headers: Headers, body: bytes) -> bool:
        return headers.get("content-type") == JSON and validator.is_valid(json.loads(body))


def decoded(part: bytes) -> bytes:
    """Decodes a path segment as the server does."""
    return unquote_to_bytes(part)


def matches(template: list[str], parts: list[bytes]) -> bool:
    """Returns whether a path matches a path template of the document."""
    each = (part and name.startswith("{") or name.encode() == part for name, part in zip(template, parts))
    return len(template) == len(parts) and all(each)


def closed(schema: Json) -> Json:
    """Returns the schema with additional properties forbidden at every level."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {**inner, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else inner
