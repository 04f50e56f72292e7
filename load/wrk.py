"""The server under load: wrk, with 32 connections and 2 threads, sends the requests of an endpoint with new numbers in them."""

import json
import random
from pathlib import Path

from endpoints import ranges
from processes import run
from watch import PeakMemory

CONNECTIONS, THREADS = 32, 2
SCRIPT = Path(__file__).parent / "wrk.lua"
LINES = 10_000
LAG = 64  # a change is undone so many requests later, when its answer has come; more than there are connections


def write_requests(endpoint, sizes, tokens, file):
    """Writes the file that wrk.lua reads. `tokens` holds one for each `$reader`."""
    limits = ranges(endpoint.names(), sizes)
    chance = random.Random(endpoint.name)

    def numbers():
        drawn = {name: chance.randint(low, high) for name, (low, high) in limits.items()}
        return {**drawn, "unique": "0" * 12} if "unique" in drawn else drawn

    def line(request, numbers):
        request = request.filled(numbers)
        token = tokens[numbers["reader"]] if request.as_reader else ""
        return "\t".join((request.method, request.path, token, request.body or "")) + "\n"

    draws = [numbers() for _ in range(LINES if limits else 1)]
    first, *undo = endpoint.requests
    with open(file, "w") as lines:
        for place, drawn in enumerate(draws):
            lines.write(line(first, drawn))
            for request in undo:
                lines.write(line(request, draws[place - LAG]))


def load(url, requests, seconds, server_pid):
    """Puts the server under load; what wrk saw, with the most memory that the server had meanwhile."""
    command = ["wrk", "--connections", CONNECTIONS, "--threads", THREADS, "--duration", f"{seconds}s", "--timeout", "10s"]
    command += ["--script", SCRIPT, url, "--", requests, random.randrange(2**31), THREADS]
    with PeakMemory(server_pid) as memory:
        output = run(command, timeout=seconds + 60)
    seen = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
    seen["per_second"] = seen["requests"] / seen["seconds"]
    seen["memory_mib"] = memory.peak
    return seen
