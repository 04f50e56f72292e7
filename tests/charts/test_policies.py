"""Checkov's policies for Kubernetes: every failed check has an explanation here."""

import functools
import json
import subprocess
import tempfile
from pathlib import Path

import yaml

from charts import NAMESPACE, ROOT, Object, cases

# Check, kinds of objects, reason why they fail it.
EXPLAINED = [
    ("CKV_K8S_15", {"DaemonSet", "Deployment", "Job", "StatefulSet"},
     "always pulling makes every start depend on the registry; version tags and digests do not change"),
    ("CKV_K8S_23", {"DaemonSet"}, "only root reads the nodes' log files; Fluentd has no capabilities and a read-only root"),
    ("CKV_K8S_35", {"DaemonSet", "Deployment", "Job"}, "the programs read their settings from the environment (twelve-factor app)"),
    ("CKV_K8S_40", {"StatefulSet"}, "999 is the user that owns the files in PostgreSQL's image; the database is for trials only"),
    ("CKV_K8S_40", {"DaemonSet"}, "as for CKV_K8S_23: only root reads the nodes' log files"),
    ("CKV_K8S_43", {"DaemonSet", "Deployment", "Job", "StatefulSet"}, "the digest is a chart value, known once an image has been pushed"),
]  # fmt: skip


@functools.cache
def failures() -> list[tuple[str, str, str]]:
    """Returns check, kind and resource of each failed check, over all cases."""
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            objects = [in_namespace(obj) for obj in case.objects()]
            (Path(folder) / f"{case}.yaml").write_text(yaml.safe_dump_all(objects, sort_keys=False))
        command = [
            "checkov",
            "--directory",
            folder,
            "--framework",
            "kubernetes",
            "--skip-download",
            "--compact",
            "--quiet",
            "--output",
            "json",
        ]
        requirements = ROOT / "tests/charts/requirements-checkov.txt"
        done = subprocess.run([ROOT / "scripts/with-python", requirements, *command], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0 and report["summary"]["passed"] > 1000
    failed = report["results"]["failed_checks"]
    return [
        (item["check_id"], item["resource"].split(".")[0], f"{item['file_path']} {item['resource']}: {item['check_name']}")
        for item in failed
    ]


def in_namespace(obj: Object) -> Object:
    """Sets the namespace, as Helm does on installation."""
    return obj | {"metadata": {"namespace": NAMESPACE} | obj["metadata"]}


def test_every_failed_policy_has_an_explanation() -> None:
    unexplained = [
        (check, where) for check, kind, where in failures() if not any(item[0] == check and kind in item[1] for item in EXPLAINED)
    ]
    assert unexplained == []


def test_every_explanation_is_needed() -> None:
    failed = {(check, kind) for check, kind, _ in failures()}
    assert {(check, kind) for check, kinds, _ in EXPLAINED for kind in kinds} == failed


def test_digests_pin_all_images() -> None:
    assert not [where for check, _, where in failures() if check == "CKV_K8S_43" and "everything-on" in where]
