"""Programs that run to their end."""

import subprocess
from collections.abc import Mapping
from os import environ

from places import ROOT


def attempt(
    *command: object, timeout: float = 60, env: Mapping[str, str] | None = None, **pipes: object
) -> subprocess.CompletedProcess[str]:
    """Runs a command in the project's folder, with what `env` adds to the environment; its result, whatever it is."""
    words = [str(word) for word in command]
    settings = {"cwd": ROOT, "capture_output": True, "text": True, **pipes}
    return subprocess.run(words, timeout=timeout, env={**environ, **(env or {})}, check=False, **settings)


def run(*command: object, **options: object) -> str:
    """What a command writes that has to succeed."""
    result = attempt(*command, **options)
    assert result.returncode == 0, f"{command[0]} exited with {result.returncode}:\n{result.stdout}{result.stderr}"
    return result.stdout
