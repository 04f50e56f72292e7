"""A check of the benchmark itself: what pgbench runs must have the plan of what the server sends."""

import json
import re

from pgbench import OPTIONS
from processes import Failed


def check(postgres, script, name):
    """Fails where a statement of the script has another plan than its original."""
    for step in script.steps:
        if re.match(r"(select|insert|update|delete|with)\b", step.original, re.IGNORECASE):
            if _plan(postgres, step.original, step.types) != _plan(postgres, *_numbered(step.text)):
                raise Failed(f"pgbench would run {name} by another plan than the server:\n{step.text}")


def _numbered(text):
    """A statement of pgbench's as pgbench prepares it: each variable a parameter whose type its cast tells."""
    variables = re.compile(r"(?<!:):([a-z]\w*)")
    count = len(variables.findall(text))
    numbers = iter(range(1, count + 1))
    return variables.sub(lambda _: f"${next(numbers)}", text), ["unknown"] * count


def _plan(postgres, text, types):
    """The shape of the generic plan: which operations, on which tables and indexes, by how many conditions of which kind."""
    declared, nulls = (f"({', '.join(items)})" if types else "" for items in (types, ["null"] * len(types)))
    explain = (f"prepare asked{declared} as {text}", f"explain (format json) execute asked{nulls}")
    return _shape(json.loads(postgres.sql(*explain, options=OPTIONS))[0]["Plan"])


def _shape(node):
    facts = [node.get(key) for key in ("Node Type", "Parent Relationship", "Join Type", "Relation Name", "Index Name")]
    conditions = sorted(key for key in node if key.endswith(("Cond", "Filter")))
    return [*facts, *conditions, *map(_shape, node.get("Plans", []))]
