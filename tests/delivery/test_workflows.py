"""The workflows and the Dockerfile: what linters say, and what must be the same in two places."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from base_image import base_image
from commands import attempt, run
from places import DOCKERFILE, ROOT, WORKFLOWS

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_hadolint_finds_no_fault_in_the_dockerfile() -> None:
    run("hadolint", "--failure-threshold=style", "--no-color", DOCKERFILE)


def test_jactionlint_finds_no_fault_in_the_workflows() -> None:
    run("jactionlint")


def test_zizmor_finds_no_risk_in_the_workflows() -> None:
    run("zizmor", "--offline", "--strict-collection", "--persona=auditor", "--no-progress", ".github")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_runs_nothing_that_can_change_unseen(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"\$/\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_what_is_tested_and_what_is_shipped_come_from_one_compiler() -> None:
    (version,) = re.findall(r"rust:(\d+\.\d+)-", base_image())
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert workflow["env"]["RUSTUP_TOOLCHAIN"] == version


def versions(what: str, ref: str) -> list[str]:
    return run("scripts/versions", what, ref, COMMIT).split()


def crate_version() -> str:
    return re.findall(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[0]


def test_a_commit_on_main_is_published_under_its_name() -> None:
    assert versions("tags", "refs/heads/main") == [f"sha-{COMMIT}", "main"]
    assert versions("chart", "refs/heads/main") == [f"{crate_version()}-main.sha-{COMMIT}"]
    assert versions("app", "refs/heads/main") == [f"sha-{COMMIT}"]


def test_a_version_is_published_under_its_number() -> None:
    version = crate_version()
    tags = versions("tags", f"refs/tags/v{version}")
    assert {f"sha-{COMMIT}", version} <= set(tags)
    assert versions("chart", f"refs/tags/v{version}") == versions("app", f"refs/tags/v{version}") == [version]


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("1.4.2", ["1.4", "latest", "1"]),
        ("1.3.5", ["1.3"]),
        ("1.3.3", []),
        ("1.10.0", ["1.10", "latest", "1"]),
        ("2.0.0-rc.1", []),
        ("2.0.0", ["2.0", "latest", "2"]),
        ("0.9.1", ["0.9"]),
    ],
)
def test_a_repair_of_an_older_version_is_not_the_latest(version: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/versions", tmp_path / "scripts")
    (tmp_path / "Cargo.toml").write_text(f'[package]\nversion = "{version}"\n')
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com", "-C", str(tmp_path)]
    run(*git, "init", "--quiet")
    run(*git, "commit", "--quiet", "--allow-empty", "--message=empty")
    for tag in ("v0.9.0", "v1.3.4", "v1.4.1", "v1.9.0-rc.1"):
        run(*git, "tag", tag)
    said = run(tmp_path / "scripts/versions", "tags", f"refs/tags/v{version}", COMMIT)
    assert said.split() == [f"sha-{COMMIT}", version, *names]


@pytest.mark.parametrize(
    ("ref", "commit", "complaint"),
    [
        ("refs/tags/v99.0.0", COMMIT, "the tag says 99.0.0, Cargo.toml"),
        ("refs/pull/1/merge", COMMIT, "neither a branch nor a version's tag"),
        ("refs/heads/a/b", COMMIT, "branch 'a/b' makes no tag"),
        ("refs/heads/main", "HEAD", "no commit's full name"),
    ],
)
def test_nothing_else_is_published(ref: str, commit: str, complaint: str) -> None:
    result = attempt("scripts/versions", "tags", ref, commit)
    assert (result.returncode, result.stdout) == (1, "")
    assert complaint in result.stderr
