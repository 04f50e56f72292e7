"""Sends mutated and generated requests to a server. Fails on responses that the document does not
describe, on any 5xx except 503 with Retry-After, and on panics.

    python tests/fuzz/run.py --cases SECONDS --damaged COUNT [--seed N]

DATABASE_URL sets the database. First COUNT mutated requests are sent, then schemathesis runs for
SECONDS with requests that it generates from the document. Called by scripts/fuzz.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path

from client import send_mutated
from document import Document
from server import Server

HERE = Path(__file__).resolve().parent


def populate(server: Server) -> str:
    """Creates the users and articles of the requests, and returns the first user's token."""
    tokens = []
    for name in ("amy", "bob", "cleo"):
        user = {"username": name, "email": f"{name}@example.com", "password": f"{name}'s password"}
        tokens.append(server.send("POST", "/api/users", {"user": user})["user"]["token"])
    for token, title in zip(tokens, ("Dragons", "Tea", "Wyverns"), strict=True):
        article = {"title": title, "description": f"About {title}", "body": "Much to say.", "tagList": ["tea"]}
        server.send("POST", "/api/articles", {"article": article}, token)
    server.send("POST", "/api/articles/dragons/comments", {"comment": {"body": "Nice"}}, tokens[0])
    return tokens[0]


def schemathesis(server: Server, token: str, seconds: int, seed: int) -> bool:
    """Runs schemathesis and returns whether it found no failure."""
    command = ["st", "--config-file", HERE / "schemathesis.toml", "run", server.base + "/api/openapi.json"]
    options = ["--max-time", str(seconds), "--max-examples", "20", "--seed", str(seed), "--no-color"]
    result = subprocess.run([*command, *options], env=os.environ | {"CONDUIT_TOKEN": token}, cwd=server.folder.name)
    return result.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, required=True, help="seconds of schemathesis")
    parser.add_argument("--damaged", type=int, required=True, help="number of mutated requests")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()

    with Server({"DATABASE_URL": os.environ.get("DATABASE_URL", "sqlite://fuzz.db")}) as server:
        token = populate(server)
        document = Document(server.send("GET", "/api/openapi.json"))
        before = server.responses()
        statuses, failures = asyncio.run(send_mutated(server.base, document, token, options.seed, options.damaged))
        between = server.responses()
        is_clean = schemathesis(server, token, options.cases, options.seed)
        by_schema = server.responses() - between
        status = server.stop()
        log_errors = server.log_errors()

    print(*failures[:20], *log_errors[:20], sep="\n")
    print(f"seed {options.seed}")
    report("mutated requests", between - before)
    report("requests of schemathesis", by_schema)
    print(f"{len(failures)} wrong responses to mutated requests, {len(log_errors)} errors in the log, exit status {status}")
    is_valid_run = statuses.total() == options.damaged and all(map(is_plausible, (between - before, by_schema)))
    return 0 if is_clean and is_valid_run and not failures and not log_errors and status == 0 else 1


def report(kind: str, responses: Counter[str]) -> None:
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(responses.items()))
    print(f"{responses.total()} {kind}; responses: {by_status}")


def is_plausible(responses: Counter[str]) -> bool:
    """Returns whether the requests reached the service.

    Enough succeed, enough are rejected with a 4xx, few get a 503, and no other 5xx occurs.
    """
    classes = Counter[str]()
    for status, count in responses.items():
        classes[status if status == "503" else status[0]] += count
    is_mixed = classes["2"] > responses.total() / 20 and classes["4"] > responses.total() / 20
    if not is_mixed or classes["503"] > responses.total() / 100 or classes["5"]:
        print("the distribution of responses is implausible")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
