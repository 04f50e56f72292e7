"""The limit of log-ins: cores ÷ time of one Argon2 verification.

No other program here verifies exactly as the server does, so the server is asked: a log-in that is alone takes a verification, and what
`GET /api/user` takes too, which is HTTP, one statement and the signing of a token.
"""

import os

from client import credentials
from endpoints import Request, sends


def verification_seconds(client, token, times=100):
    """How long one verification takes on a core that has nothing else to do: of so many that the speed of a shared machine evens out."""
    log_ins = [sends("POST", "/api/users/login", "user", credentials(user), as_reader=False) for user in range(1, times + 1)]
    current = [Request("GET", "/api/user", as_reader=True)] * times
    return client.median_seconds(log_ins) - client.median_seconds(current, token)


def limit(client, token):
    """Log-ins per second that the cores can verify."""
    return len(os.sched_getaffinity(0)) / verification_seconds(client, token)
