"""Compares this API's OpenAPI document with the RealWorld project's.

    conduit openapi | python tests/document/compare.py openapi.yml

Compares the operations of the RealWorld project: their parameters, request and response fields,
and status codes; ignores descriptions, examples and bounds of fields. Prints every difference that
`intended.py` does not declare and every declaration without a difference, and fails if there is
any. Further operations of this API are no difference: RealWorld's clients never call them.
"""

import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from intended import ADDED, CHANGED, INTENDED, REMOVED, Intended

Json = Any
METHODS = ("get", "post", "put", "delete", "patch")


class Difference(NamedTuple):
    kind: str
    operation: str
    path: str
    detail: str

    def is_accepted_by(self, intended: Intended, operation: str) -> bool:
        # Brackets stand for array elements in a path and for a set of characters in a pattern.
        path = intended.path.replace("[", "[[]")
        return self.kind == intended.kind and fnmatchcase(self.path, path) and fnmatchcase(self.operation, operation)


def resolve(document: Json, node: Json) -> Json:
    """Follows references within the document."""
    while isinstance(node, dict) and "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/")]
        node = target
    return node


def schema_tree(document: Json, schema: Json) -> Json:
    """Returns fields and types as a tree. Its keys, joined, make the paths of differences."""
    schema = resolve(document, schema)
    if "properties" in schema:
        required = schema.get("required", [])
        return {
            f".{name}": {**schema_tree(document, field), " required": name in required}
            for name, field in schema["properties"].items()
        }
    if "additionalProperties" in schema:
        return {".*": schema_tree(document, schema["additionalProperties"])}
    if "items" in schema:
        return {"[]": schema_tree(document, schema["items"])}
    types = schema.get("type", "any")
    tree = {" type": sorted(types) if isinstance(types, list) else [types]}
    return {**tree, " format": "date-time"} if schema.get("format") == "date-time" else tree


def body_tree(document: Json, node: Json) -> Json:
    media = resolve(document, node).get("content", {}).get("application/json")
    return schema_tree(document, media["schema"]) if media else {}


def parameter_tree(parameter: Json) -> Json:
    schema = parameter["schema"]
    return {
        " required": parameter.get("required", False),
        **{f" {key}": schema[key] for key in ("type", "minimum", "default") if key in schema},
    }


def operation_tree(document: Json, operation: Json) -> Json:
    parameters = [resolve(document, parameter) for parameter in operation.get("parameters", [])]
    tree = {
        "id": operation["operationId"],
        "tags": operation["tags"],
        "needs token": bool(operation.get("security")) and {} not in operation["security"],
        **{f"parameter {each['in']} {each['name']}": parameter_tree(each) for each in parameters},
        **{f"response {status}": body_tree(document, node) for status, node in operation["responses"].items()},
    }
    if "requestBody" in operation:
        tree["request"] = body_tree(document, operation["requestBody"])
    return tree


def operation_trees(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation_tree(document, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def differences(operation: str, theirs: Json, ours: Json, path: str = "") -> Iterator[Difference]:
    """Yields the differences between two trees, one for a subtree that only one of them has."""
    for key in sorted(theirs.keys() | ours.keys()):
        here = path + key
        if key not in theirs:
            yield Difference(ADDED, operation, here, json.dumps(ours[key]))
        elif key not in ours:
            yield Difference(REMOVED, operation, here, json.dumps(theirs[key]))
        elif isinstance(theirs[key], dict) and isinstance(ours[key], dict):
            yield from differences(operation, theirs[key], ours[key], here)
        elif theirs[key] != ours[key]:
            yield Difference(CHANGED, operation, here, f"{json.dumps(theirs[key])} to {json.dumps(ours[key])}")


def all_differences(theirs: dict[str, Json], ours: dict[str, Json]) -> Iterator[Difference]:
    for operation in sorted(theirs):
        if operation not in ours:
            yield Difference(REMOVED, operation, "", "")
        else:
            yield from differences(operation, theirs[operation], ours[operation])


def main() -> int:
    theirs = operation_trees(yaml.safe_load(Path(sys.argv[1]).read_text()))
    ours = operation_trees(json.load(sys.stdin))
    found = list(all_differences(theirs, ours))
    accepted: set[Difference] = set()
    failures = []
    for intended in INTENDED:
        for operation in intended.operations:
            matches = {difference for difference in found if difference.is_accepted_by(intended, operation)}
            if not matches:
                failures.append(f"stale declaration: {operation}: {intended.path} {intended.kind} ({intended.reason})")
            accepted |= matches
    for difference in found:
        if difference not in accepted:
            failures.append(f"{difference.operation}: {difference.path} {difference.kind} {difference.detail}")
    for failure in failures:
        print(failure)
    print(
        f"{len(theirs)} operations compared, {len(ours.keys() - theirs.keys())} without a counterpart, "
        f"{len(accepted)} intended differences, {len(failures)} failures"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
