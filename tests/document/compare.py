"""Compares this API's document with the RealWorld project's: paths, methods, parameters, fields and status codes.

    conduit openapi | python tests/document/compare.py openapi.yml

For scripts/conformance. Prints what differs, a line each; what is meant to differ stands in LACKING and MORE, with the reason.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Json = Any
METHODS = ("get", "post", "put", "delete", "patch")

# Statuses that theirs names and ours does not, or the other way round: (status, why, for which operations).
LACKING = [
    ("401", "on a public route a token that is not valid counts as none", lambda operation: not operation["needs_token"]),
    ("422", "nothing of the request can be wrong", lambda operation: not operation["judged"]),
]
KEY = "header Idempotency-Key"  # more than theirs has
MORE = [
    ("400", "a key may be none", lambda operation: KEY in operation["parameters"]),
    ("408", "a body may be too slow", lambda operation: operation["body"] is not None or KEY in operation["parameters"]),
    ("409", "a request with the key may be in flight", lambda operation: KEY in operation["parameters"]),
    ("413", "a body may be too large", lambda operation: operation["body"] is not None or KEY in operation["parameters"]),
    ("422", "a key may belong to another request", lambda operation: KEY in operation["parameters"]),
    ("429", "guessing is slowed down", lambda operation: operation["id"] in ("Login", "CreateUser", "UpdateCurrentUser")),
    ("503", "the service may be away", lambda operation: True),
]


def resolved(document: Json, node: Json) -> Json:
    while isinstance(node, dict) and "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/")]
        node = target
    return node


def shape(document: Json, schema: Json) -> Json:
    """Types, fields, and which of them are required; nothing of bounds, examples and words."""
    schema = resolved(document, schema)
    kinds = schema.get("type", "any")
    kinds = sorted(kinds) if isinstance(kinds, list) else [kinds]
    if "properties" in schema:
        fields = {name: shape(document, field) for name, field in schema["properties"].items()}
        return {"required": sorted(schema.get("required", [])), "fields": fields}
    if "additionalProperties" in schema:
        return {"each": shape(document, schema["additionalProperties"])}
    if "items" in schema:
        return {"items": shape(document, schema["items"])}
    return {"types": kinds} | ({"format": schema["format"]} if schema.get("format") == "date-time" else {})


def body(document: Json, node: Json) -> Json:
    media = resolved(document, node or {}).get("content", {}).get("application/json")
    return shape(document, media["schema"]) if media else None


def parameters(document: Json, operation: Json) -> Json:
    listed = (resolved(document, parameter) for parameter in operation.get("parameters", []))
    return {
        f"{parameter['in']} {parameter['name']}": {
            "required": parameter.get("required", False),
            **{key: parameter["schema"][key] for key in ("type", "minimum", "default") if key in parameter["schema"]},
        }
        for parameter in listed
    }


def operations(document: Json) -> dict[str, Json]:
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            asked = parameters(document, operation)
            found[f"{method.upper()} {path}"] = {
                "id": operation["operationId"],
                "tags": operation["tags"],
                "needs_token": bool(operation.get("security")) and {} not in operation["security"],
                "parameters": asked,
                "body": body(document, operation.get("requestBody")),
                "judged": "requestBody" in operation or "query limit" in asked,
                "responses": {str(status): body(document, answer) for status, answer in operation["responses"].items()},
            }
    return found


def is_meant(status: str, operation: Json, meant: Json) -> bool:
    return any(status == known and holds(operation) for known, _why, holds in meant)


def differences(theirs: Json, ours: Json) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours or name not in theirs:
            yield f"{name}: only in {'theirs' if name in theirs else 'ours'}"
            continue
        their, our = theirs[name], ours[name]
        for part in ("id", "tags", "needs_token", "body"):
            if their[part] != our[part]:
                yield f"{name}: {part} is {json.dumps(our[part])} where theirs is {json.dumps(their[part])}"
        for key in their["parameters"].keys() | our["parameters"].keys() - {KEY}:
            their_parameter, our_parameter = their["parameters"].get(key), our["parameters"].get(key)
            if not their_parameter or not our_parameter or their_parameter.items() - our_parameter.items():
                yield f"{name}: {key} is {our_parameter} where theirs is {their_parameter}"
        for status in sorted(their["responses"].keys() | our["responses"].keys()):
            if status not in our["responses"]:
                if not is_meant(status, our, LACKING):
                    yield f"{name}: {status} is only in theirs"
            elif status not in their["responses"]:
                if not is_meant(status, our, MORE):
                    yield f"{name}: {status} is only in ours"
            elif their["responses"][status] != our["responses"][status]:
                yield f"{name}: {status} is {json.dumps(our['responses'][status])}, theirs {json.dumps(their['responses'][status])}"


def main() -> int:
    theirs = operations(yaml.safe_load(Path(sys.argv[1]).read_text()))
    ours = operations(json.load(sys.stdin))
    found = list(differences(theirs, ours))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(theirs)} operations compared, {len(found)} differences that are not meant")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
