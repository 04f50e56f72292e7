"""A file system of little room, and how it is filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def as_root(*command: object) -> None:
    """Mounting is for root alone."""
    words = [str(word) for word in command]
    subprocess.run(words if os.geteuid() == 0 else ["sudo", "-n", *words], check=True, timeout=30)


@contextmanager
def small_disk(folder: Path, mebibytes: int, owner: os.stat_result) -> Iterator[Path]:
    """A tmpfs of this size that belongs to the owner of something else."""
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}", "none", folder)
    try:
        yield folder
    finally:
        as_root("umount", "--lazy", folder)


class Filler:
    """A file that takes all the room there is."""

    def __init__(self, disk: Path) -> None:
        self.file = disk / "filler"

    def fill(self) -> None:
        """Takes it."""
        with self.file.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass  # which is what is wanted: no room left

    def make_room(self) -> None:
        """Gives it back."""
        self.file.unlink()
