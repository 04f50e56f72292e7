"""The charts, rendered by Helm's engine with every set of values that the tests know: values/CHART/NAME.yaml."""

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
        """What the chart makes of them, hooks too."""
        return [found for found in rendered(self) if kind in ("", found["kind"])]

    def object(self, kind: str, name: str) -> Object:
        found = [it for it in self.objects(kind) if it["metadata"]["name"] == name]
        assert len(found) == 1, f"{self}: {len(found)} objects {kind}/{name}"
        return found[0]


def cases(chart: str = "*") -> list[Case]:
    found = sorted((ROOT / "tests/charts/values").glob(f"{chart}/*.yaml"))
    assert found, f"no values for {chart}"
    return [Case(path.parent.name, path.stem) for path in found]


def render(chart: str, values: Object) -> list[Object]:
    with helm.Chart.load(CHARTS / chart) as loaded:
        files = loaded.render(values, name=RELEASE, namespace=NAMESPACE)
    texts = [text for name, text in sorted(files.items()) if not name.endswith("NOTES.txt")]
    return [found for text in texts for found in yaml.load_all(text, Loader=StrictLoader) if found]


@functools.cache
def rendered(case: Case) -> list[Object]:
    return render(case.chart, case.values)


class StrictLoader(yaml.CSafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"twice in one mapping: {twice}{node.start_mark}")
        return super().construct_mapping(node, deep)


def labels(found: Object) -> dict[str, str]:
    return dict(found["metadata"].get("labels", {}))


def pod_template(found: Object) -> Object | None:
    """The Pod that an object makes, if it makes one."""
    template: Object | None = found.get("spec", {}).get("template")
    return template if template and "containers" in template.get("spec", {}) else None


def pod_templates(objects: list[Object]) -> Iterator[tuple[Object, Object]]:
    for found in objects:
        if template := pod_template(found):
            yield found, template


def containers(template: Object) -> list[Object]:
    return list(template["spec"].get("initContainers", [])) + list(template["spec"]["containers"])


def tool(name: str) -> Path:
    """A folder of target/tools, or of where the tests were told to look."""
    return Path(os.environ.get("TOOLS", ROOT / "target/tools")) / name
