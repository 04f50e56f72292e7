"""The chart, rendered by Helm's engine."""

from typing import Any

import helm_python
import yaml
from places import CHART

Object = dict[str, Any]
NAMESPACE = "conduit"
HOST = "conduit.example.com"


class Manifests:
    """What the chart makes of routes to HOST, beside the least that it needs."""

    def __init__(self, routes: Object, **values: Object) -> None:
        values |= {
            "image": {"repository": "registry.example.com/conduit"},
            "jwt": {"existingSecret": "jwt"},
            "database": {"external": {"existingSecret": "database"}},
            "routes": {"hosts": [HOST], "tls": {"enabled": False}, **routes},
        }
        with helm_python.Chart.load(CHART) as chart:
            files = chart.render(values, name="conduit", namespace=NAMESPACE)
        texts = [text for name, text in sorted(files.items()) if name.endswith(".yaml")]
        self.objects: list[Object] = [found for text in texts for found in yaml.safe_load_all(text) if found]
        for found in self.objects:
            found["metadata"].setdefault("namespace", NAMESPACE)

    def of(self, *kinds: str) -> list[Object]:
        """The objects of these kinds."""
        return [found for found in self.objects if found["kind"] in kinds]

    def named(self, kind: str, name: str) -> Object:
        """The one object of that kind and name."""
        (found,) = (found for found in self.of(kind) if found["metadata"]["name"] == name)
        return found


def endpoint(service: str, address: str, port: int, is_ready: bool = True) -> Object:
    """A Pod behind a Service, as the cluster tells proxies of it. A slice of its own, for it has a port of its own."""
    name = f"{service}-{address}"
    labels = {"kubernetes.io/service-name": service}
    conditions = {"ready": is_ready, "serving": True, "terminating": not is_ready}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [address], "conditions": conditions}],
    }
