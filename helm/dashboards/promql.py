"""PromQL expressions that the panels share."""

# Metrics of the selected instances; requests of users exclude probes.
SELECTOR = 'job="conduit", namespace=~"$namespace", pod=~"$pod"'
USER_REQUESTS = f'{SELECTOR}, route!~"/livez|/readyz", route=~"$route"'
RATE_INTERVAL = "$__rate_interval"

DURATION = "http_server_request_duration_seconds"
NAMESPACE = 'namespace=~"$namespace"'


def rate(metric: str, by: str = "", where: str = SELECTOR, over: str = RATE_INTERVAL) -> str:
    """Returns the summed rate per second."""
    return f"{total(by)}(rate({metric}{{{where}}}[{over}]))"


def increase(metric: str, by: str = "", where: str = SELECTOR, over: str = "$__range") -> str:
    """Returns the summed increase over the time range."""
    return f"{total(by)}(increase({metric}{{{where}}}[{over}]))"


def gauge(metric: str, by: str = "", where: str = SELECTOR) -> str:
    """Returns the summed current value."""
    return f"{total(by)}({metric}{{{where}}})"


def quantile(share: float, histogram: str, by: str = "", where: str = SELECTOR, over: str = RATE_INTERVAL) -> str:
    """Returns a quantile of a histogram."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', labels, where, over)})"


def average(histogram: str, by: str = "", where: str = SELECTOR, over: str = RATE_INTERVAL) -> str:
    """Returns the average of a histogram."""
    return f"{rate(f'{histogram}_sum', by, where, over)} / {rate(f'{histogram}_count', by, where, over)}"


def total(by: str) -> str:
    """Returns `sum`, grouped by labels if there are any."""
    return f"sum by ({by}) " if by else "sum"
