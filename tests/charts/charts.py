"""Renders the charts with Helm's engine, once per set of values in values/CHART/NAME.yaml."""

import functools
import os
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import helm_python as helm
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHARTS = ROOT / "helm"
NAMESPACE = "conduit"
RELEASE = "conduit"

Object = dict[str, Any]


class Case(NamedTuple):
    """A chart with a set of values."""

    chart: str
    name: str

    def __str__(self) -> str:
        return f"{self.chart}-{self.name}"

    @property
    def values(self) -> Object:
        text = (ROOT / "tests/charts/values" / self.chart / f"{self.name}.yaml").read_text()
        values: Object = yaml.safe_load(text)
        return values

    def objects(self, kind: str = "") -> list[Object]:
        """Returns the rendered objects, hooks included."""
        return [obj for obj in rendered(self) if kind in ("", obj["kind"])]

    def object(self, kind: str, name: str) -> Object:
        matching = [obj for obj in self.objects(kind) if obj["metadata"]["name"] == name]
        assert len(matching) == 1, f"{self}: {len(matching)} objects {kind}/{name}"
        return matching[0]


def cases(chart: str = "*") -> list[Case]:
    paths = sorted((ROOT / "tests/charts/values").glob(f"{chart}/*.yaml"))
    assert paths, f"no values for {chart}"
    return [Case(path.parent.name, path.stem) for path in paths]


def render(chart: str, values: Object) -> list[Object]:
    with helm.Chart.load(CHARTS / chart) as loaded:
        files = loaded.render(values, name=RELEASE, namespace=NAMESPACE)
    texts = [text for name, text in sorted(files.items()) if not name.endswith("NOTES.txt")]
    return [obj for text in texts for obj in yaml.load_all(text, Loader=StrictLoader) if obj]


@functools.cache
def rendered(case: Case) -> list[Object]:
    return render(case.chart, case.values)


class StrictLoader(yaml.CSafeLoader):
    """Rejects duplicate keys; other loaders silently keep the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        duplicates = {key for key in keys if keys.count(key) > 1}
        if duplicates:
            raise yaml.YAMLError(f"duplicate keys: {duplicates}{node.start_mark}")
        return super().construct_mapping(node, deep)


def labels(obj: Object) -> dict[str, str]:
    return dict(obj["metadata"].get("labels", {}))


def pod_template(obj: Object) -> Object | None:
    """Returns the Pod template of an object, if it has one."""
    template: Object | None = obj.get("spec", {}).get("template")
    return template if template and "containers" in template.get("spec", {}) else None


def pod_templates(objects: list[Object]) -> Iterator[tuple[Object, Object]]:
    for obj in objects:
        if template := pod_template(obj):
            yield obj, template


def containers(template: Object) -> list[Object]:
    return list(template["spec"].get("initContainers", [])) + list(template["spec"]["containers"])


def tool(name: str) -> Path:
    """Returns a folder below target/tools, or below $TOOLS if that is set."""
    return Path(os.environ.get("TOOLS", ROOT / "target/tools")) / name
