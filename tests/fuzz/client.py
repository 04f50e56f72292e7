"""Sends requests as they are, without the care that HTTP libraries take, and holds the answers to the document."""

import asyncio
import random
from collections import Counter
from urllib.parse import urlsplit

from document import Document
from mutations import Request, request

CONNECTIONS = 8
DEADLINE = 30.0


class Connection:
    """A connection that is opened again when the server closed it, as it may."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, asked: Request) -> tuple[int, dict[str, str], bytes]:
        """Gives the status, the headers and the body of the answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(*self.address)
        reader, writer = self.streams
        writer.write(asked.encoded())
        async with asyncio.timeout(DEADLINE):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split()[1])
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close" or status == 413:
            self.close()
        return status, headers, body

    def close(self) -> None:
        """Lets the connection go."""
        if self.streams:
            self.streams[1].close()
        self.streams = None


async def bombard(base: str, document: Document, token: str, seed: int, count: int) -> tuple[Counter[int], list[str]]:
    """Sends so many damaged requests; gives the statuses of the answers and what was wrong with them."""
    url = urlsplit(base)
    assert url.hostname and url.port
    dice = random.Random(seed)
    left = iter(range(count))
    statuses: Counter[int] = Counter()
    faults: list[str] = []

    async def one_after_the_other(connection: Connection) -> None:
        for _ in left:
            asked = request(dice, token)
            try:
                status, headers, body = await connection.send(asked)
                statuses[status] += 1
                wrong = document.fault(asked.method, asked.target, status, headers, body)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                connection.close()
                status, body, wrong = 0, b"", f"failed: {error!r}"
            if wrong:
                faults.append(f"{asked.encoded()[:2000]!r}: {status} {body[:300]!r} {wrong}")
        connection.close()

    await asyncio.gather(*(one_after_the_other(Connection(url.hostname, url.port)) for _ in range(CONNECTIONS)))
    return statuses, faults
