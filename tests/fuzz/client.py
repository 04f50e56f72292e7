"""Sends mutated requests byte for byte and checks the responses against the OpenAPI document."""

import asyncio
import random
from collections import Counter
from urllib.parse import urlsplit

from document import Document
from mutations import Request, mutated_request

CONNECTIONS = 8
DEADLINE = 30.0


class Connection:
    """Connection that is reopened after the server closes it."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """Sends a request and returns status, headers and body of the response."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(*self.address)
        reader, writer = self.streams
        writer.write(request.encoded())
        async with asyncio.timeout(DEADLINE):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split()[1])
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            length = 0 if request.method == "HEAD" else int(headers.get("content-length", "0"))
            body = await reader.readexactly(length)
        if headers.get("connection") == "close" or status == 413:
            self.close()
        return status, headers, body

    def close(self) -> None:
        """Closes the connection."""
        if self.streams:
            self.streams[1].close()
        self.streams = None


async def send_mutated(base: str, document: Document, token: str, seed: int, count: int) -> tuple[Counter[int], list[str]]:
    """Sends `count` mutated requests and returns the statuses of the responses and the failures."""
    url = urlsplit(base)
    assert url.hostname and url.port
    rng = random.Random(seed)
    remaining = iter(range(count))
    statuses: Counter[int] = Counter()
    failures: list[str] = []

    async def send_all(connection: Connection) -> None:
        for _ in remaining:
            request = mutated_request(rng, token)
            try:
                status, headers, body = await connection.send(request)
                statuses[status] += 1
                problem = document.check(request.method, request.target, status, headers, body)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                connection.close()
                status, body, problem = 0, b"", f"failed: {error!r}"
            if problem:
                failures.append(f"{request.encoded()[:2000]!r}: {status} {body[:300]!r} {problem}")
        connection.close()

    await asyncio.gather(*(send_all(Connection(url.hostname, url.port)) for _ in range(CONNECTIONS)))
    return statuses, failures
