"""Base image of the Dockerfile: the real one, or a substitute where no registry is reachable.

The substitute has the same contents: a minimal Debian with a C compiler, and under /usr/local the
Rust of this machine. It turns off most optimisations, because the tests check what the image does
and not how fast it is.
"""

import re
import shutil
from pathlib import Path

from commands import run
from containers import Engine
from paths import DOCKERFILE, TOOLS

# Level 0 would nearly double the program's size, and the image could exceed its limit.
QUICK = {
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "256",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
}
HOMES = {"RUSTUP_HOME": "/usr/local/rustup", "CARGO_HOME": "/usr/local/cargo"}
PATH = "/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def base_image() -> str:
    """Returns the name of the only image that the build downloads."""
    (name,) = re.findall(r"^FROM --platform=\$BUILDPLATFORM (\S+) AS", DOCKERFILE.read_text(), re.MULTILINE)
    return f"docker.io/library/{name}"


def ensure_base_image(engine: Engine) -> str:
    """Pulls or builds the base image unless it exists, and returns its name."""
    name = base_image()
    exists = engine.attempt("image", "exists", name).returncode == 0
    if not exists and engine.attempt("pull", "--quiet", name, timeout=600).returncode != 0:
        import_substitute(engine, name)
    return name


def import_substitute(engine: Engine, name: str) -> None:
    """Imports the Debian release that `name` ends with, with this machine's Rust."""
    run("scripts/install-tools", "debootstrap", timeout=600)
    folder = TOOLS / "base-image"
    shutil.rmtree(folder, ignore_errors=True)
    suite = name.rsplit("-", 1)[-1]
    run("debootstrap", "--variant=minbase", "--include=ca-certificates,gcc,libc6-dev", suite, folder, timeout=900)
    copy_rust(folder)
    variables = {"PATH": PATH, **HOMES, **QUICK}
    changes = [f"--change=ENV {variable}={value}" for variable, value in variables.items()]
    archive = TOOLS / "base-image.tar"
    run("tar", "--create", "--directory", folder, "--file", archive, ".", timeout=300)
    engine("import", "--quiet", *changes, archive, name, timeout=300)
    archive.unlink()
    shutil.rmtree(folder)


def copy_rust(folder: Path) -> None:
    """Copies rustup and the toolchain in use, without its documentation."""
    toolchain = Path(run("rustc", "--print", "sysroot").strip())
    rustup = folder / "usr/local/rustup"
    ignore = shutil.ignore_patterns("doc", "man")
    shutil.copytree(toolchain, rustup / "toolchains" / toolchain.name, symlinks=True, ignore=ignore)
    (rustup / "settings.toml").write_text(f'version = "12"\ndefault_toolchain = "{toolchain.name}"\nprofile = "minimal"\n')
    programs = folder / "usr/local/cargo/bin"
    programs.mkdir(parents=True)
    shutil.copy2(Path(shutil.which("rustup") or "").resolve(), programs / "rustup")
    for program in ("cargo", "rustc"):
        (programs / program).symlink_to("rustup")
