"""Converts the SQL that the server sent for an example to a script for pgbench.

Each parameter stays a parameter of the same type, so that the plan is the server's, which plans.py
verifies. pgbench draws the numbers of placeholders from the same ranges. It can send numbers and
constant text, but neither null nor the time.
"""

import re
import time
from dataclasses import dataclass, field

from dataset import NAMES
from endpoints import example, ranges
from processes import BenchmarkError


@dataclass(frozen=True)
class Step:
    """A statement of the server, the types of its parameters, and the text for pgbench."""

    original: str
    types: tuple
    text: str


@dataclass
class Script:
    """A pgbench script: draws, then statements, with constants passed on the command line."""

    draws: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)

    def text(self):
        """Returns the script's file."""
        return "\n".join([*self.draws, *(f"{step.text};" for step in self.steps)]) + "\n"

    def constant(self, value):
        """Returns a variable with this value, so that it is sent as a parameter."""
        known = (name for name, constant in self.constants.items() if constant == value)
        name = next(known, f"fixed{len(self.constants) + 1}")
        self.constants[name] = value
        return f":{name}"


def script(statements, endpoint, sizes):
    """Returns the script for an endpoint, from the statements of its example."""
    result, numbers = Script(), example(endpoint.placeholders(), sizes)
    for name, (low, high) in ranges(endpoint.placeholders(), sizes).items():
        result.draws.append(rf"\set {name} random({low}, {high})")
        if name == "stranger":  # occurs in SQL as an id too
            result.draws.append(rf"\set stranger_id :stranger - {NAMES}")
            numbers["stranger_id"] = numbers["stranger"] - NAMES
    for statement in statements:
        parameters = [_parameter(value, numbers, result) for value in statement.values]
        text = re.sub(r"\$(\d+)", lambda match: parameters[int(match[1]) - 1][1], statement.text)
        result.steps.append(Step(statement.text, tuple(kind for kind, _ in parameters), text))
    unused = [name for name in numbers if not re.search(rf":{name}\b", result.text())]
    if unused:
        raise BenchmarkError(f"the SQL of {endpoint.name} does not use {', '.join(unused)}")
    return result


def _parameter(value, numbers, target):
    """Returns the type of a parameter, judged by its value, and the SQL for it."""
    if value is None:  # the server sends null only for ids here
        return "bigint", f"nullif({target.constant('0')}::bigint, 0)"
    drawn = next((name for name, number in numbers.items() if str(number) == value), None)
    if drawn:
        kind = "text" if numbers[drawn] >= NAMES else "bigint"
        return kind, f":{drawn}::{kind}"
    if re.fullmatch(r"-?\d+", value):
        is_now = abs(int(value) / 1000 - time.time()) < 600
        return "bigint", ":now::bigint" if is_now else f"{target.constant(value)}::bigint"
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d", value):
        return "timestamptz", "to_timestamp(:now::bigint / 1000.0)"
    if re.fullmatch(r"\{.*\}", value):
        items = [_parameter(item, numbers, target)[1] for item in value[1:-1].split(",")]
        return "text[]", f"array[{', '.join(items)}]::text[]"
    return "text", f"{target.constant(value)}::text"
