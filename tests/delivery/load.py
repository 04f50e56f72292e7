"""Requests at a steady rate over connections that stay open, each of which must be answered."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from threading import Thread

SECONDS_TO_ANSWER = 15


@dataclass
class Load:
    """What became of the requests so far."""

    answered: int = 0
    connections: int = 0
    lost: list[str] = field(default_factory=list)
    is_over: bool = False


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Sends a request and reads its answer to the end; the status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    await reader.readexactly(int(headers["content-length"]))
    assert headers.get("connection") != "close", "asked to open another connection"
    return int(status.split()[1])


async def client(address: tuple[str, int], requests: list[bytes], interval: float, load: Load) -> None:
    """One connection, opened again only if it broke, which counts as a loss."""
    writer = None
    due = time.monotonic()
    for request in cycle(requests):
        if load.is_over:
            break
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(*address)
                load.connections += 1
            status = await asyncio.wait_for(exchange(reader, writer, request), SECONDS_TO_ANSWER)
            assert status == 200, f"status {status}"
            load.answered += 1
        except (AssertionError, EOFError, OSError, TimeoutError) as error:
            what = request.split(b" HTTP", 1)[0].decode()
            load.lost.append(f"{time.strftime('%H:%M:%S')} {what}: {error!r}")
            if writer is not None and not isinstance(error, AssertionError):
                writer.close()
                writer = None
        due += interval
        await asyncio.sleep(max(0, due - time.monotonic()))
    if writer is not None:
        writer.close()


@contextmanager
def steady(address: tuple[str, int], requests: list[bytes], per_second: int, connections: int) -> Iterator[Load]:
    """`per_second` requests over `connections` connections, for as long as the block runs."""
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
        load.is_over = True
        thread.join()
