"""Crowds at the door: log-ins, each of which costs a core for a while, and connections on which hardly anything comes."""

import multiprocessing
import socket
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from findings import Finding, found, milliseconds, percentile
from people import PASSWORD, Client, register
from places import IS_FULL, extent
from postgres import Postgres
from programs import Conduit, conduit

LOG_INS, SOCKETS = 200, 500
REQUESTS = extent(short=300, full=2000)
PAIRS = 5
# Of a few hundred times the slowest in a hundred are a handful, and tell less: the short form asks for one pair that holds, as
# what else the machine has to do can only make a pair worse, and the program of the short form is not optimised.
SLACK = 1.0 if IS_FULL else 2.0
READERS = 4


def test_log_ins_hold_up_nobody_else(server: Postgres, tmp_path: Path) -> None:
    with conduit(server.database("log_ins"), tmp_path, RUST_LOG="warn,conduit::app=info") as program:
        email = f"{register(program).name}@example.com"
        happened = f"{LOG_INS} log in at once, again and again"
        judge("log-ins", Finding("10a", "Crowd of log-ins", happened, "", "", False), 3, program, lambda: log_ins(program, email))


def test_slow_sockets_hold_up_nobody_else(server: Postgres, tmp_path: Path) -> None:
    with conduit(server.database("slow_sockets"), tmp_path, RUST_LOG="warn,conduit::app=info") as program:
        happened = f"{SOCKETS} connections that send a byte of a request's head each second"
        judge("slow-sockets", Finding("10b", "Slow clients", happened, "", "", False), 2, program, lambda: slow_sockets(program))


def judge(key: str, finding: Finding, limit: int, program: Conduit, crowd: Callable[[], None]) -> None:
    """Reads without the crowd and with it, in turns: how much later the slowest in a hundred are answered with it."""
    author = register(program)
    for number in range(40):
        assert author.publish(f"Article {number}").status == 201
    read(program)
    without, with_crowd = [], []
    for _ in range(PAIRS):
        if not IS_FULL:
            without, with_crowd = [], []
        without += read(program)
        with_crowd += read_beside(crowd, program)
        before, after = percentile(without, 0.99), percentile(with_crowd, 0.99)
        if not IS_FULL and after <= limit * SLACK * before:
            break
    finding.bound = f"p99 of `GET /api/articles` within {limit * SLACK:g} × its value without"
    finding.measured = (
        f"p99 {milliseconds(before)} without, {milliseconds(after)} with: **{after / before:.1f} ×** (medians "
        f"{milliseconds(percentile(without, 0.5))}, {milliseconds(percentile(with_crowd, 0.5))}); {len(with_crowd)} requests, all 200"
    )
    finding.holds = after <= limit * SLACK * before
    found(key, finding)


def read_beside(crowd: Callable[[], None], program: Conduit) -> list[float]:
    """What `read` gets while the crowd is there."""
    # A process of its own, so that it does not take from the readers' one what is measured there.
    process = multiprocessing.get_context("fork").Process(target=crowd, daemon=True)
    process.start()
    time.sleep(2)
    times = read(program)
    assert process.is_alive() and program.is_running()
    process.kill()
    process.join()
    time.sleep(2)
    return times


def read(program: Conduit) -> list[float]:
    """How long the answers take that a few readers get."""
    times: list[float] = []

    def ask() -> None:
        client = Client(program)
        for _ in range(REQUESTS // READERS):
            answer = client.get("/api/articles")
            assert answer.status == 200
            times.append(answer.seconds)
            time.sleep(0.005)

    threads = [Thread(target=ask) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == REQUESTS
    return times


def log_ins(program: Conduit, email: str) -> None:
    """They come back when they are told to."""

    def log_in() -> None:
        client = Client(program)
        while True:
            answer = client.send("POST", "/api/users/login", {"user": {"email": email, "password": PASSWORD}})
            if not answer.is_success:
                assert answer.says_try_again, answer
                time.sleep(int(answer.headers["retry-after"]))

    threads = [Thread(target=log_in, daemon=True) for _ in range(LOG_INS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def slow_sockets(program: Conduit) -> None:
    """Each is opened again when it is cut off."""
    head = f"GET /api/articles HTTP/1.1\r\nHost: conduit\r\nX-Slow: {'x' * 1000}"
    sockets: dict[int, tuple[socket.socket, int]] = {}
    while True:
        for place in range(SOCKETS):
            try:
                connection, sent = sockets.get(place) or (socket.create_connection(program.address, timeout=5), 0)
                connection.send(head[sent : sent + 1].encode())
                sockets[place] = (connection, sent + 1)
            except OSError:
                sockets.pop(place, None)
        time.sleep(1)
