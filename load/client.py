"""A client that sends requests to the API one at a time."""

import http.client
import json
import statistics
import time
from urllib.parse import urlsplit

from dataset import PASSWORD
from processes import BenchmarkError


class Client:
    """A connection to the API."""

    def __init__(self, url):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def send(self, request, token=None):
        """Returns the JSON of a successful response, or None if it has no body."""
        body = self.fetch(request, token)
        return json.loads(body) if body else None

    def fetch(self, request, token=None):
        """Returns the body of a successful response."""
        headers = {"Content-Type": "application/json"} if request.body else {}
        if request.as_reader:
            headers["Authorization"] = f"Token {token}"
        self._connection.request(request.method, request.path, request.body, headers)
        response = self._connection.getresponse()
        body = response.read()
        if not 200 <= response.status < 300:
            raise BenchmarkError(
                f"{request.method} {request.path} returned {response.status}: {body.decode()[:500]}"
            )
        return body

    def median_seconds(self, requests, token=None):
        """Returns the median duration of these requests, sent one at a time."""

        def seconds(request):
            start = time.perf_counter()
            self.send(request, token)
            return time.perf_counter() - start

        return statistics.median(seconds(request) for request in requests)


def credentials(user):
    """Returns the credentials of a user of the data set."""
    return {"email": f"user{user}@example.com", "password": PASSWORD}
