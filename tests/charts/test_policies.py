"""Checkov's policies for Kubernetes: what fails is explained here, or is a failure."""

import functools
import json
import subprocess
import tempfile
from pathlib import Path

import yaml

from charts import NAMESPACE, ROOT, Object, cases

# Check, kinds of objects, why not.
EXPLAINED = [
    ("CKV_K8S_15", {"DaemonSet", "Deployment", "Job", "StatefulSet"},
     "always pulling makes every start depend on the registry; a version's tag does not move, and a digest cannot"),
    ("CKV_K8S_23", {"DaemonSet"}, "Fluentd reads the log files of the nodes, which are root's; it keeps no capability and a read-only root"),
    ("CKV_K8S_35", {"DaemonSet", "Deployment", "Job"}, "the programs take their settings from the environment, as the twelve factors have it"),
    ("CKV_K8S_40", {"StatefulSet"}, "999 is the user of PostgreSQL's image, who owns its files; the database is one to try things out"),
    ("CKV_K8S_40", {"DaemonSet"}, "as for CKV_K8S_23: it is root that may read the nodes' log files"),
    ("CKV_K8S_43", {"DaemonSet", "Deployment", "Job", "StatefulSet"}, "a digest is a value: only who has pushed or mirrored an image knows it"),
]  # fmt: skip


@functools.cache
def failures() -> list[tuple[str, str, str]]:
    """Check, kind of object and resource, with all cases installed into their namespace."""
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            objects = [placed(found) for found in case.objects()]
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
        (it["check_id"], it["resource"].split(".")[0], f"{it['file_path']} {it['resource']}: {it['check_name']}") for it in failed
    ]


def placed(found: Object) -> Object:
    """As Helm does when it installs."""
    return found | {"metadata": {"namespace": NAMESPACE} | found["metadata"]}


def test_no_policy_fails_without_a_reason() -> None:
    unexplained = [
        (check, where) for check, kind, where in failures() if not any(it[0] == check and kind in it[1] for it in EXPLAINED)
    ]
    assert unexplained == []


def test_every_reason_is_needed() -> None:
    failed = {(check, kind) for check, kind, _ in failures()}
    assert {(check, kind) for check, kinds, _ in EXPLAINED for kind in kinds} == failed


def test_who_gives_digests_has_pinned_images() -> None:
    assert not [where for check, _, where in failures() if check == "CKV_K8S_43" and "everything-on" in where]
