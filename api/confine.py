"""What a process gives up before it runs what others sent: memory without end, the network, life after its server."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1


def address_space() -> int:
    """Bytes of address space that this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def resident_bytes() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def return_memory() -> None:
    """Give the system what is free in the heap; glibc alone keeps it (180 MB after a query with 400,000 VALUES)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def limit_memory(n_bytes: int) -> int:
    """Let the address space grow by `n_bytes` from here on; what goes over fails, and at worst ends this process."""
    limit = address_space() + n_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return limit


def leave_network() -> bool:
    """Move into a network of its own, without a way out; False where the system does not let it."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def die_with_parent() -> None:
    """Have this process killed when the one that started it ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
