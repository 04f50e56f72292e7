"""The image that the Dockerfile begins with: the real one, or where no registry answers, one like it made of Debian's packages.

The stand-in is what the real one is: a minimal Debian with a C compiler, and Rust under /usr/local, which is copied from
this machine. It makes the release build quick instead of fast, since the tests ask what the image does and not how soon.
"""

import re
import shutil
from pathlib import Path

from commands import run
from containers import Engine
from places import DOCKERFILE, TOOLS

# Not without any optimisation, by which the program would nearly double and the image could be too large.
QUICK = {
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "256",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
}
HOMES = {"RUSTUP_HOME": "/usr/local/rustup", "CARGO_HOME": "/usr/local/cargo"}
PATH = "/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def base_image() -> str:
    """The name of the one image that is downloaded."""
    (name,) = re.findall(r"^FROM --platform=\$BUILDPLATFORM (\S+) AS", DOCKERFILE.read_text(), re.MULTILINE)
    return f"docker.io/library/{name}"


def ensure_base_image(engine: Engine) -> str:
    """Makes the engine have it; its name."""
    name = base_image()
    is_there = engine.attempt("image", "exists", name).returncode == 0
    if not is_there and engine.attempt("pull", "--quiet", name, timeout=600).returncode != 0:
        import_stand_in(engine, name)
    return name


def import_stand_in(engine: Engine, name: str) -> None:
    """Debian as `name` ends in, with this machine's Rust."""
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
    """rustup with the toolchain in use, without its documentation."""
    toolchain = Path(run("rustc", "--print", "sysroot").strip())
    rustup = folder / "usr/local/rustup"
    without = shutil.ignore_patterns("doc", "man")
    shutil.copytree(toolchain, rustup / "toolchains" / toolchain.name, symlinks=True, ignore=without)
    (rustup / "settings.toml").write_text(f'version = "12"\ndefault_toolchain = "{toolchain.name}"\nprofile = "minimal"\n')
    programs = folder / "usr/local/cargo/bin"
    programs.mkdir(parents=True)
    shutil.copy2(Path(shutil.which("rustup") or "").resolve(), programs / "rustup")
    for program in ("cargo", "rustc"):
        (programs / program).symlink_to("rustup")
