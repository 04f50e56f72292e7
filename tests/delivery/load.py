"""Sends requests at a steady rate over persistent connections and records every failure."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from threading import Thread

RESPONSE_TIMEOUT_SECONDS = 15


@dataclass
class Load:
    """Results so far."""

    succeeded: int = 0
    connections: int = 0
    failures: list[str] = field(default_factory=list)
    is_done: bool = False


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Sends a request, reads the whole response and returns its status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    await reader.readexactly(int(headers["content-length"]))
    assert headers.get("connection") != "close", "the server closes the connection"
    return int(status.split()[1])


async def client(address: tuple[str, int], requests: list[bytes], interval: float, load: Load) -> None:
    """Sends requests over one connection, and reconnects only after an error."""
    writer = None
    due = time.monotonic()
    for request in cycle(requests):
        if load.is_done:
            break
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(*address)
                load.connections += 1
            status = await asyncio.wait_for(exchange(reader, writer, request), RESPONSE_TIMEOUT_SECONDS)
            assert status == 200, f"status {status}"
            load.succeeded += 1
        except (AssertionError, EOFError, OSError, TimeoutError) as error:
            request_line = request.split(b" HTTP", 1)[0].decode()
            load.failures.append(f"{time.strftime('%H:%M:%S')} {request_line}: {error!r}")
            if writer is not None and not isinstance(error, AssertionError):
                writer.close()
                writer = None
        due += interval
        await asyncio.sleep(max(0, due - time.monotonic()))
    if writer is not None:
        writer.close()


@contextmanager
def steady_load(address: tuple[str, int], requests: list[bytes], per_second: int, connections: int) -> Iterator[Load]:
    """Sends `per_second` requests over `connections` connections while the block runs."""
    load = Load()

    async def clients() -> None:
        interval = connections / per_second
        async with asyncio.TaskGroup() as group:
            for number in range(connections):
                start = number % len(requests)
                group.create_task(client(address, requests[start:] + requests[:start], interval, load))
                await asyncio.sleep(interval / connections)

    thread = Thread(target=asyncio.run, args=(clients(),))
    thread.start()
    try:
        yield load
    finally:
        load.is_done = True
        thread.join()
