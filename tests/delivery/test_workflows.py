"""Workflows and Dockerfile: linters pass, and values that appear twice are equal."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from base_image import base_image
from commands import attempt, run
from paths import DOCKERFILE, ROOT, WORKFLOWS

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_dockerfile_passes_hadolint() -> None:
    run("hadolint", "--failure-threshold=style", "--no-color", DOCKERFILE)


def test_workflows_pass_jactionlint() -> None:
    run("jactionlint")


def test_workflows_pass_zizmor() -> None:
    run("zizmor", "--offline", "--strict-collection", "--persona=auditor", "--no-progress", ".github")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflow_actions_are_pinned_to_commits(file: Path) -> None:
    actions = re.findall(r"uses: (.*)", file.read_text())
    assert actions
    for action in actions:
        assert re.fullmatch(r"\$/\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_ci_and_the_dockerfile_use_the_same_compiler() -> None:
    (version,) = re.findall(r"rust:(\d+\.\d+)-", base_image())
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert workflow["env"]["RUSTUP_TOOLCHAIN"] == version


def versions(what: str, ref: str) -> list[str]:
    return run("scripts/versions", what, ref, COMMIT).split()


def crate_version() -> str:
    return re.findall(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[0]


def test_commit_on_main_is_tagged_with_its_hash_and_branch() -> None:
    assert versions("tags", "refs/heads/main") == [f"sha-{COMMIT}", "main"]
    assert versions("chart", "refs/heads/main") == [f"{crate_version()}-main.sha-{COMMIT}"]
    assert versions("app", "refs/heads/main") == [f"sha-{COMMIT}"]


def test_release_is_tagged_with_its_version() -> None:
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
def test_patch_of_an_older_version_is_not_tagged_latest(version: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/versions", tmp_path / "scripts")
    (tmp_path / "Cargo.toml").write_text(f'[package]\nversion = "{version}"\n')
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com", "-C", str(tmp_path)]
    run(*git, "init", "--quiet")
    run(*git, "commit", "--quiet", "--allow-empty", "--message=empty")
    for tag in ("v0.9.0", "v1.3.4", "v1.4.1", "v1.9.0-rc.1"):
        run(*git, "tag", tag)
    tags = run(tmp_path / "scripts/versions", "tags", f"refs/tags/v{version}", COMMIT)
    assert tags.split() == [f"sha-{COMMIT}", version, *names]


@pytest.mark.parametrize(
    ("ref", "commit", "message"),
    [
        ("refs/tags/v99.0.0", COMMIT, "the tag says 99.0.0, Cargo.toml"),
        ("refs/pull/1/merge", COMMIT, "neither a branch nor a version's tag"),
        ("refs/heads/a/b", COMMIT, "branch 'a/b' makes no tag"),
        ("refs/heads/main", "HEAD", "no commit's full name"),
    ],
)
def test_other_refs_are_rejected(ref: str, commit: str, message: str) -> None:
    result = attempt("scripts/versions", "tags", ref, commit)
    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr
