"""Verifies the benchmark itself: pgbench's statements must have the plans of the server's."""

import json
import re

from pgbench import OPTIONS
from processes import BenchmarkError


def check(postgres, script, name):
    """Fails if a statement of the script has another plan than its original."""
    for step in script.steps:
        if re.match(r"(select|insert|update|delete|with)\b", step.original, re.IGNORECASE):
            if _plan(postgres, step.original, step.types) != _plan(postgres, *_numbered(step.text)):
                raise BenchmarkError(f"pgbench would use another plan for {name} than the server:\n{step.text}")


def _numbered(text):
    """Converts a statement as pgbench does: each variable becomes a parameter."""
    variables = re.compile(r"(?<!:):([a-z]\w*)")
    count = len(variables.findall(text))
    numbers = iter(range(1, count + 1))
    return variables.sub(lambda _: f"${next(numbers)}", text), ["unknown"] * count


def _plan(postgres, text, types):
    """Returns the shape of the generic plan."""
    declared, nulls = (f"({', '.join(items)})" if types else "" for items in (types, ["null"] * len(types)))
    explain = (
        f"prepare statement{declared} as {text}",
        f"explain (format json) execute statement{nulls}",
    )
    return _shape(json.loads(postgres.sql(*explain, options=OPTIONS))[0]["Plan"])


def _shape(node):
    """Returns a plan's operations, tables, indexes and kinds of conditions."""
    facts = [node.get(key) for key in ("Node Type", "Parent Relationship", "Join Type", "Relation Name", "Index Name")]
    conditions = sorted(key for key in node if key.endswith(("Cond", "Filter")))
    return [*facts, *conditions, *map(_shape, node.get("Plans", []))]
