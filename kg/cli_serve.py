"""The verb `kg serve`: the explorer, the SPARQL endpoint, linked data and the export, until it is told to stop."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kg.settings import Settings


def add_serve(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    make: Callable[..., argparse.ArgumentParser],
    add_store: Callable[[argparse.ArgumentParser], None],
    read: Callable[[argparse.Namespace], Settings],
) -> None:
    """Add the verb. make: a parser with the options that all verbs have; read: the settings that arguments give."""
    text = "serve the explorer, the SPARQL endpoint, linked data and the export"
    parser = make(verbs, "serve", lambda args: _serve(args, read(args)), text, "kg serve --port 8000 --workers 4")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to bind (default 8000)")
    parser.add_argument(
        "--workers", dest="query_workers", type=int, metavar="N", help="queries that run at one time (default 2)"
    )
    parser.add_argument(
        "--query-timeout-s", type=float, metavar="S", help="a query is killed after it, seconds (default 30)"
    )
    parser.add_argument("--access-log", metavar="FILE", help="one JSON line an answer; - for stderr (default none)")
    add_store(parser)


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    from api.app import run_server  # noqa: PLC0415  # the command starts at once
    from kg.store import current_snapshot  # noqa: PLC0415

    if not settings.token:  # with one, a store may begin empty
        current_snapshot(Path(settings.store))
    address = f"http://{args.host}:{args.port}"
    lines = (f"explorer  {address}/", f"endpoint  {address}/sparql", f"export    {address}/export?format=ttl")
    print(*lines, sep="\n", file=sys.stderr, flush=True)  # noqa: T201
    run_server(settings, args.host, args.port)
    return 0
