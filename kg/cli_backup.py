"""The verbs `kg backup` and `kg restore`: a store as one file, and back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kg.settings import Settings

Make = Callable[..., argparse.ArgumentParser]
Read = Callable[[argparse.Namespace], Settings]


def add_backup(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    make: Make,
    add_store: Callable[[argparse.ArgumentParser], None],
    read: Read,
) -> None:
    """Add both verbs. make: a parser with the options that all verbs have; read: the settings that arguments give."""
    text = "write the store to one file: graph, documents as read, corrections; the server may go on"
    parser = make(verbs, "backup", lambda args: _back_up(args, read(args)), text, "kg backup graph.tar.gz")
    parser.add_argument("out", type=Path, metavar="OUT", help="the archive; compressed if it ends in .gz or .tgz")
    add_store(parser)

    text = "make a store of what `kg backup` wrote, after checking every file; the folder must be new or empty"
    parser = make(verbs, "restore", lambda args: _restore(args, read(args)), text, "kg restore graph.tar.gz")
    parser.add_argument("archive", type=Path, metavar="FILE", help="the archive")
    add_store(parser)


def _back_up(args: argparse.Namespace, settings: Settings) -> int:
    from kg.backup import back_up  # noqa: PLC0415  # the command starts at once

    done = back_up(settings, args.out)
    _say(f"{args.out}: snapshot {done.snapshot}, {done.n_files:,} files, {done.n_bytes:,} bytes")
    return 0


def _restore(args: argparse.Namespace, settings: Settings) -> int:
    from kg.backup import CORRECTIONS, restore  # noqa: PLC0415  # the command starts at once

    done = restore(args.archive, settings)
    _say(f"{settings.store}: snapshot {done.snapshot}, {done.n_files:,} files, each as it was backed up")
    restored = Path(settings.store) / CORRECTIONS
    if restored.exists() and restored.resolve() != settings.corrections_path.resolve():
        _say(f"its corrections are in {restored}; your settings name {settings.corrections_path}: copy them there")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201
