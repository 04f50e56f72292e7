"""Paths that the tests use."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CHART = ROOT / "helm" / "conduit"
RULES = sorted((CHART / "rules").glob("*.yaml"))
RULE_TESTS = sorted((HERE / "rules").glob("*.yaml"))
RUNBOOK = ROOT / "docs" / "runbook.md"
DASHBOARDS = sorted((CHART / "dashboards").glob("*.json"))
FLUENTD = ROOT / "helm" / "observability" / "fluentd"
