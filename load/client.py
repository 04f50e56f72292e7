"""One client that asks the API one thing after the other."""

import http.client
import json
import statistics
import time
from urllib.parse import urlsplit

from dataset import PASSWORD
from processes import Failed


class Client:
    """A connection to the API."""

    def __init__(self, url):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def send(self, request, token=None):
        """The answer's JSON, or None if it has none; fails unless the request succeeds."""
        body = self.bytes_of(request, token)
        return json.loads(body) if body else None

    def bytes_of(self, request, token=None):
        """The answer's body; fails unless the request succeeds."""
        headers = {"Content-Type": "application/json"} if request.body else {}
        if request.as_reader:
            headers["Authorization"] = f"Token {token}"
        self._connection.request(request.method, request.path, request.body, headers)
        response = self._connection.getresponse()
        body = response.read()
        if not 200 <= response.status < 300:
            raise Failed(f"{request.method} {request.path} was answered with {response.status}: {body.decode()[:500]}")
        return body

    def median_seconds(self, requests, token=None):
        """How long a request takes while there is no other, as the median of these."""

        def seconds(request):
            start = time.perf_counter()
            self.send(request, token)
            return time.perf_counter() - start

        return statistics.median(seconds(request) for request in requests)


def credentials(user):
    """What a user of the data set logs in with."""
    return {"email": f"user{user}@example.com", "password": PASSWORD}
