"""Runs commands to completion."""

import subprocess
from collections.abc import Mapping
from os import environ

from paths import ROOT


def attempt(
    *command: object, timeout: float = 60, env: Mapping[str, str] | None = None, **pipes: object
) -> subprocess.CompletedProcess[str]:
    """Runs a command in the project's folder, with `env` added to the environment."""
    words = [str(word) for word in command]
    settings = {"cwd": ROOT, "capture_output": True, "text": True, **pipes}
    return subprocess.run(words, timeout=timeout, env={**environ, **(env or {})}, check=False, **settings)


def run(*command: object, **options: object) -> str:
    """Runs a command that must succeed, and returns its standard output."""
    result = attempt(*command, **options)
    assert result.returncode == 0, f"{command[0]} exited with {result.returncode}:\n{result.stdout}{result.stderr}"
    return result.stdout
