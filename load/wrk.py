"""Runs wrk, which puts the server under load with 32 connections and 2 threads."""

import json
import random
from pathlib import Path

from endpoints import ranges
from process_stats import PeakMemory
from processes import run

CONNECTIONS, THREADS = 32, 2
SCRIPT = Path(__file__).parent / "wrk.lua"
LINES = 10_000
# Requests between a change and its undoing, so that the change is complete: more than connections.
LAG = 64


def write_requests(endpoint, sizes, tokens, file):
    """Writes the file that wrk.lua reads. `tokens` has a token for each `$reader`."""
    limits = ranges(endpoint.placeholders(), sizes)
    random_numbers = random.Random(endpoint.name)

    def draw():
        drawn = {name: random_numbers.randint(low, high) for name, (low, high) in limits.items()}
        return {**drawn, "unique": "0" * 12} if "unique" in drawn else drawn

    def line(request, numbers):
        request = request.substitute(numbers)
        token = tokens[numbers["reader"]] if request.as_reader else ""
        return "\t".join((request.method, request.path, token, request.body or "")) + "\n"

    draws = [draw() for _ in range(LINES if limits else 1)]
    first, *undo = endpoint.requests
    with open(file, "w") as lines:
        for index, drawn in enumerate(draws):
            lines.write(line(first, drawn))
            for request in undo:
                lines.write(line(request, draws[index - LAG]))


def load(url, requests, seconds, server_pid):
    """Puts the server under load; returns wrk's figures and the server's peak memory."""
    command = ["wrk", "--connections", CONNECTIONS, "--threads", THREADS]
    command += ["--duration", f"{seconds}s", "--timeout", "10s"]
    command += ["--script", SCRIPT, url, "--", requests, random.randrange(2**31), THREADS]
    with PeakMemory(server_pid) as memory:
        output = run(command, timeout=seconds + 60)
    result = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
    result["per_second"] = result["requests"] / result["seconds"]
    result["memory_mib"] = memory.peak
    return result
