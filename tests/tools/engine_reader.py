"""A process that may die: it reads SPARQL as the engine does, runs it on a store of one triple, and says what it saw.

In: lines of JSON, [is_update, text]. Out: a line of JSON for each, [is_read, is_call]; or death by SIGALRM after
PATIENCE_S, as a worker of the server is killed at its deadline.

is_read: the engine's parser is content. is_call: it saw a keyword that calls out, for it cannot read the text when
every `service` and `load` in it has another last letter.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import tempfile

import pyoxigraph as ox

from kg.iris import prefixes_with
from kg.settings import ENTITY_BASE

PREFIXES = prefixes_with(ENTITY_BASE)
MAX_ROWS = 1_000
PATIENCE_S = 10


def is_read(text: str, store: ox.Store, *, is_update: bool) -> bool:
    """Whether the parser takes the text. The store cannot be written, so no update begins; a query may call out."""
    try:
        if is_update:
            store.update(text, base_iri=ENTITY_BASE, prefixes=PREFIXES)
        else:
            store.query(text, base_iri=ENTITY_BASE, prefixes=PREFIXES)
    except (SyntaxError, ValueError):
        return False
    except (OSError, RuntimeError):
        return True
    return True


def run(text: str, *, is_update: bool) -> None:
    """To the end, or to the first rows of it; an error is as good as an answer."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("e:a"), ox.NamedNode("e:b"), ox.NamedNode("e:c")))
    try:
        if is_update:
            store.update(text, base_iri=ENTITY_BASE, prefixes=PREFIXES)
            return
        results = store.query(text, base_iri=ENTITY_BASE, prefixes=PREFIXES)
        if not isinstance(results, ox.QueryBoolean):
            for _ in zip(range(MAX_ROWS), results, strict=False):
                pass
    except (OSError, RuntimeError, SyntaxError, ValueError):
        pass


def main() -> None:
    """Until the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        ox.Store(folder).flush()
        store = ox.Store.read_only(folder)
    for line in sys.stdin:
        signal.alarm(PATIENCE_S)
        is_update, text = json.loads(line)
        renamed = re.sub("(?<=servic)e|(?<=loa)d", "x", text, flags=re.ASCII | re.IGNORECASE)
        reads = is_read(text, store, is_update=is_update)
        calls = reads and renamed != text and not is_read(renamed, store, is_update=is_update)
        if reads:
            run(text, is_update=is_update)
        signal.alarm(0)
        sys.stdout.write(json.dumps([reads, calls]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
