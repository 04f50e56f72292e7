"""Asks a server what nobody would, and fails on any answer that the document does not know, on any 5xx but 503 with its
Retry-After, and on any panic.

    python tests/fuzz/run.py --cases SECONDS --damaged COUNT [--seed N]      DATABASE_URL says on which database

First so many damaged requests, then schemathesis, for so many seconds, with requests made from the document. For scripts/fuzz.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path

from client import bombard
from document import Document
from server import Server

HERE = Path(__file__).resolve().parent


def populate(server: Server) -> str:
    """Gives what the requests name: three users, three articles. The token is the first user's."""
    tokens = []
    for name in ("amy", "bob", "cleo"):
        user = {"username": name, "email": f"{name}@example.com", "password": f"{name}'s password"}
        tokens.append(server.ask("POST", "/api/users", {"user": user})["user"]["token"])
    for token, title in zip(tokens, ("Dragons", "Tea", "Wyverns"), strict=True):
        article = {"title": title, "description": f"About {title}", "body": "Much to say.", "tagList": ["tea"]}
        server.ask("POST", "/api/articles", {"article": article}, token)
    server.ask("POST", "/api/articles/dragons/comments", {"comment": {"body": "Nice"}}, tokens[0])
    return tokens[0]


def schemathesis(server: Server, token: str, seconds: int, seed: int) -> bool:
    """Whether it found nothing."""
    command = ["st", "--config-file", HERE / "schemathesis.toml", "run", server.base + "/api/openapi.json"]
    options = ["--max-time", str(seconds), "--max-examples", "20", "--seed", str(seed), "--no-color"]
    result = subprocess.run([*command, *options], env=os.environ | {"CONDUIT_TOKEN": token}, cwd=server.folder.name)
    return result.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, required=True, help="seconds of schemathesis")
    parser.add_argument("--damaged", type=int, required=True, help="damaged requests")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()

    with Server({"DATABASE_URL": os.environ.get("DATABASE_URL", "sqlite://fuzz.db")}) as server:
        token = populate(server)
        document = Document(server.ask("GET", "/api/openapi.json"))
        before = server.answers()
        statuses, faults = asyncio.run(bombard(server.base, document, token, options.seed, options.damaged))
        between = server.answers()
        is_clean = schemathesis(server, token, options.cases, options.seed)
        by_schema = server.answers() - between
        status = server.stop()
        complaints = server.complaints()

    print(*faults[:20], *complaints[:20], sep="\n")
    print(f"seed {options.seed}")
    report("damaged requests", between - before)
    report("requests of schemathesis", by_schema)
    print(f"{len(faults)} wrong answers to damaged requests, {len(complaints)} errors in the log, exit status {status}")
    is_heard = statuses.total() == options.damaged and all(map(is_telling, (between - before, by_schema)))
    return 0 if is_clean and is_heard and not faults and not complaints and status == 0 else 1


def report(kind: str, answers: Counter[str]) -> None:
    told = ", ".join(f"{count} {status}" for status, count in sorted(answers.items()))
    print(f"{answers.total()} {kind}; answers: {told}")


def is_telling(answers: Counter[str]) -> bool:
    """Whether it was the service that was asked, and not a closed door: some did what they ask for, some were wrong, hardly any was
    put off, and none failed."""
    of = Counter[str]()
    for status, count in answers.items():
        of[status if status == "503" else status[0]] += count
    is_open = of["2"] > answers.total() / 20 and of["4"] > answers.total() / 20
    if not is_open or of["503"] > answers.total() / 100 or of["5"]:
        print("the answers are not those of a service that works")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
