"""Renders the chart with Helm's engine."""

from typing import Any

import helm_python
import yaml

from paths import CHART

Object = dict[str, Any]
NAMESPACE = "conduit"
HOST = "conduit.example.com"


class Manifests:
    """Rendered objects of the chart, with routes to HOST and otherwise the minimal values."""

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
        """Returns the objects of these kinds."""
        return [found for found in self.objects if found["kind"] in kinds]

    def named(self, kind: str, name: str) -> Object:
        """Returns the only object with this kind and name."""
        (found,) = (found for found in self.of(kind) if found["metadata"]["name"] == name)
        return found


def endpoint(service: str, address: str, port: int, is_ready: bool = True) -> Object:
    """Returns an EndpointSlice for one Pod; each needs its own, because its port differs."""
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
