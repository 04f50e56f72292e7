"""Asks a server what nobody would, and fails on any answer that the document does not know, on any 5xx and on any panic.

    python tests/fuzz/run.py --cases SECONDS --damaged COUNT [--seed N]      DATABASE_URL says on which database

First schemathesis, for so many seconds, with requests made from the document; then so many damaged ones. For scripts/fuzz.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
from pathlib import Path

from client import bombard
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
        is_clean = schemathesis(server, token, options.cases, options.seed)
        asked = server.answers().total()
        _, faults = asyncio.run(bombard(server.base, token, options.seed, options.damaged))
        print(*faults[:20], sep="\n")
        answers = server.answers()
        status = server.stop()
        complaints = server.complaints()
    print(*complaints[:20], sep="\n")

    statuses = ", ".join(f"{count} {status}" for status, count in sorted(answers.items()))
    print(f"seed {options.seed}: {asked} requests of schemathesis, {answers.total() - asked} damaged ones; answers: {statuses}")
    print(f"{len(faults)} wrong answers to damaged requests, {len(complaints)} errors in the log, exit status {status}")
    server_errors = sum(count for status, count in answers.items() if status.startswith("5"))
    return 0 if is_clean and not faults and not complaints and not server_errors and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
