"""The folder where downloaded files lie until they are loaded. A file has its name there only when all of it is on the disk.

Names come from outside, so none of them becomes a path: a file is called by the hash of its extract and name.
"""

import os
import shutil
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

_BLOCK = 1024 * 1024


class Spool:
    """The spool folder of one connection, made when it is first needed and readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, extract_id: str, name: str) -> Path:
        """Where a whole file lies, if it is there."""
        return self._folder / _hash(extract_id) / _hash(name)

    def part(self, extract_id: str, name: str) -> Path:
        """Where a file is written while it comes in."""
        path = self.path(extract_id, name).with_suffix(".part")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        return path

    def keep(self, part: Path) -> Path:
        """Give a file that came in whole its name, after all of it is on the disk."""
        with part.open("rb") as file:
            os.fsync(file.fileno())
        return part.replace(part.with_suffix(""))

    def used(self) -> int:
        """Bytes that lie in the folder."""
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())

    def clear(self, extract_id: str) -> None:
        """Drop everything of an extract."""
        shutil.rmtree(self._folder / _hash(extract_id), ignore_errors=True)

    def clear_others(self, extract_ids: Collection[str]) -> None:
        """Drop what belongs to none of these extracts: Basware no longer offers them."""
        kept = {_hash(one) for one in extract_ids}
        for path in self._folder.glob("*"):
            if path.is_dir() and path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in parts."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
