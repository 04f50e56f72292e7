"""From what the server sent for an example to a script by which pgbench does the same with numbers of its own.

Each parameter stays a parameter of the same type, so that the plan is the server's (plans.py makes sure of it), and a drawn number is
drawn by pgbench from the same range. pgbench has numbers to send and fixed texts, no null and no clock.
"""

import re
import time
from dataclasses import dataclass, field

from dataset import NAMES
from endpoints import example, ranges
from processes import Failed


@dataclass(frozen=True)
class Step:
    """A statement of the server's, the types of its parameters, and what pgbench runs in its place."""

    original: str
    types: tuple
    text: str


@dataclass
class Script:
    """What pgbench draws, what it then does, and the values that do not vary."""

    draws: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)

    def text(self):
        """What pgbench reads."""
        return "\n".join([*self.draws, *(f"{step.text};" for step in self.steps)]) + "\n"

    def constant(self, value):
        """A variable of this value, so that it is sent like any parameter."""
        name = next((name for name, known in self.constants.items() if known == value), f"fixed{len(self.constants) + 1}")
        self.constants[name] = value
        return f":{name}"


def script(statements, endpoint, sizes):
    """The script for an endpoint of which these statements are the example."""
    made, numbers = Script(), example(endpoint.names(), sizes)
    for name, (low, high) in ranges(endpoint.names(), sizes).items():
        made.draws.append(rf"\set {name} random({low}, {high})")
        if name == "stranger":  # is known by id too
            made.draws.append(rf"\set stranger_id :stranger - {NAMES}")
            numbers["stranger_id"] = numbers["stranger"] - NAMES
    for statement in statements:
        parameters = [_parameter(value, numbers, made) for value in statement.values]
        text = re.sub(r"\$(\d+)", lambda place: parameters[int(place[1]) - 1][1], statement.text)
        made.steps.append(Step(statement.text, tuple(kind for kind, _ in parameters), text))
    unused = [name for name in numbers if not re.search(rf":{name}\b", made.text())]
    if unused:
        raise Failed(f"the SQL of {endpoint.name} has no {', '.join(unused)} in it")
    return made


def _parameter(value, numbers, made):
    """A parameter's type, by what the value looks like, and the SQL for it."""
    if value is None:  # the server binds it to ids alone here
        return "bigint", f"nullif({made.constant('0')}::bigint, 0)"
    drawn = next((name for name, number in numbers.items() if str(number) == value), None)
    if drawn:
        kind = "text" if numbers[drawn] >= NAMES else "bigint"
        return kind, f":{drawn}::{kind}"
    if re.fullmatch(r"-?\d+", value):
        is_now = abs(int(value) / 1000 - time.time()) < 600
        return "bigint", ":now::bigint" if is_now else f"{made.constant(value)}::bigint"
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d", value):
        return "timestamptz", "to_timestamp(:now::bigint / 1000.0)"
    if re.fullmatch(r"\{.*\}", value):
        items = [_parameter(item, numbers, made)[1] for item in value[1:-1].split(",")]
        return "text[]", f"array[{', '.join(items)}]::text[]"
    return "text", f"{made.constant(value)}::text"
