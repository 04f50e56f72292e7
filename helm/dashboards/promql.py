"""The phrases of PromQL that the panels share."""

# All that concerns the instances that the variables choose; what users ask of them is without probes.
HERE = 'job="conduit", namespace=~"$namespace", pod=~"$pod"'
USERS = f'{HERE}, route!~"/livez|/readyz", route=~"$route"'
SINCE = "$__rate_interval"

DURATION = "http_server_request_duration_seconds"
NAMESPACE = 'namespace=~"$namespace"'


def rate(metric: str, by: str = "", where: str = HERE, over: str = SINCE) -> str:
    """How often a second, as a sum."""
    return f"{total(by)}(rate({metric}{{{where}}}[{over}]))"


def increase(metric: str, by: str = "", where: str = HERE, over: str = "$__range") -> str:
    """How many, as a sum."""
    return f"{total(by)}(increase({metric}{{{where}}}[{over}]))"


def gauge(metric: str, by: str = "", where: str = HERE) -> str:
    """How much at the moment, as a sum."""
    return f"{total(by)}({metric}{{{where}}})"


def quantile(share: float, histogram: str, by: str = "", where: str = HERE, over: str = SINCE) -> str:
    """A quantile of a histogram."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', labels, where, over)})"


def average(histogram: str, by: str = "", where: str = HERE, over: str = SINCE) -> str:
    """The average of a histogram."""
    return f"{rate(f'{histogram}_sum', by, where, over)} / {rate(f'{histogram}_count', by, where, over)}"


def total(by: str) -> str:
    """A sum, by labels if there are any."""
    return f"sum by ({by}) " if by else "sum"
