"""Name server that resolves one name to 127.0.0.1."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

# Resolvers use port 53 only, which requires root to bind.
ADDRESS = "127.0.53.53"
PORT = 53

A, IN, NO_ERROR, NAME_ERROR = 1, 1, 0x8180, 0x8183
HEADER, QUESTION_TYPE = 12, 4


@contextmanager
def name_server(name: str) -> Iterator[str]:
    """Yields the address of a server that resolves `name` and no other. Requires root."""
    encoded_name = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((ADDRESS, PORT))
        thread = Thread(target=_serve, args=(server, encoded_name), daemon=True)
        thread.start()
        try:
            yield ADDRESS
        finally:
            server.sendto(b"", (ADDRESS, PORT))
            thread.join()


def _serve(server: socket.socket, known: bytes) -> None:
    """Responds to queries until an empty one arrives."""
    while True:
        query, client = server.recvfrom(512)
        if not query:
            return
        server.sendto(_response(query, known), client)


def _response(query: bytes, known: bytes) -> bytes:
    """Builds a response message (RFC 1035, section 4.1)."""
    question = query[HEADER : query.index(b"\0", HEADER) + 1 + QUESTION_TYPE]
    is_known = question[:-QUESTION_TYPE].lower() == known
    has_address = is_known and question[-QUESTION_TYPE:-2] == A.to_bytes(2)
    counts = b"".join(count.to_bytes(2) for count in (1, int(has_address), 0, 0))
    record = b"\xc0\x0c" + A.to_bytes(2) + IN.to_bytes(2) + (60).to_bytes(4) + (4).to_bytes(2) + bytes([127, 0, 0, 1])
    flags = NO_ERROR if is_known else NAME_ERROR
    return query[:2] + flags.to_bytes(2) + counts + question + (record if has_address else b"")
