"""Small file systems, and a way to fill them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def as_root(*command: object) -> None:
    """Runs a command as root, which mounting requires."""
    words = [str(word) for word in command]
    subprocess.run(words if os.geteuid() == 0 else ["sudo", "-n", *words], check=True, timeout=30)


@contextmanager
def small_disk(folder: Path, mebibytes: int, owner: os.stat_result) -> Iterator[Path]:
    """Yields a tmpfs of this size with the given owner."""
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}", "none", folder)
    try:
        yield folder
    finally:
        as_root("umount", "--lazy", folder)


class Filler:
    """File that takes all free space."""

    def __init__(self, disk: Path) -> None:
        self.file = disk / "filler"

    def fill(self) -> None:
        """Fills the disk."""
        with self.file.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass  # no space left, as intended

    def free_space(self) -> None:
        """Frees the space."""
        self.file.unlink()
