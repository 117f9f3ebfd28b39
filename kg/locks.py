"""Stage 9: the lock of a store, which the one process that writes it holds until it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import StoreBusy

LOCK = "LOCK"


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Be the one that writes the store. Raises StoreBusy when another process is."""
    with (folder / LOCK).open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise StoreBusy(f"store {folder} is being written by another process: wait until it ends") from err
        yield


def is_locked(folder: Path) -> bool:
    """Whether some process writes the store now."""
    try:
        with (folder / LOCK).open(encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def wait_for_lock(folder: Path) -> None:
    """Return when no process writes the store."""
    if (folder / LOCK).exists():
        with (folder / LOCK).open(encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
