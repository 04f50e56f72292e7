"""The limit of log-ins: cores ÷ duration of one Argon2 verification.

No other program verifies exactly as the server does, so the server itself is measured. A log-in
without other load consists of one verification and of what `GET /api/user` does too: HTTP, one
statement and the signing of a token.
"""

import os

from client import credentials
from endpoints import Request, log_in


def verification_seconds(client, token, times=100):
    """Returns the duration of one verification on an idle core.

    The number of log-ins averages out the varying speed of a shared machine.
    """
    log_ins = [log_in(credentials(user)) for user in range(1, times + 1)]
    current_user = [Request("GET", "/api/user", as_reader=True)] * times
    return client.median_seconds(log_ins) - client.median_seconds(current_user, token)


def limit(client, token):
    """Returns the log-ins per second that the cores can verify."""
    return len(os.sched_getaffinity(0)) / verification_seconds(client, token)
