"""Stage 10: what a user writes into the graph -> a new snapshot, kept beside what builds make.

In: an update, or a graph to put, add to or delete. Out: the snapshot of the store before it, with the change. All of it
or nothing: refused with one line is what would take from the graph that builds make or put a statement of it into a
second graph (corrections are for that), what would add to the graph of a document, which is what that says, and what
speaks in words of the ontology: a sentence stands behind all that does, a document's or a correction's.

`commit` is called when the change is known to be good, right before it is made to last; until then the process may be
killed at any moment, and the store is as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import GraphError, QueryRefused
from kg.iris import expand, named_node, prefixes
from kg.listings import built_graphs, drop_empty_graphs, read_own
from kg.overlay import Delta
from kg.settings import Settings
from kg.sparql_text import syntax_error
from kg.store import StoreWriter, write_store
from kg.updates import UpdateRequest, change_copy, change_data, check_update, has_data_only

Commit = Callable[[], None]

_DEFAULT = ox.DefaultGraph()
_OURS, _TYPE = prefixes()["kg"], expand("rdf:type")
_OF_CLAIMS = frozenset(expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_NEW_NAME_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Sent:
    """A graph as it was sent: its bytes, and what Content-Type says of them."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """graph: IRI of the graph that was written to, empty for the default graph; existed: before that."""

    graph: str
    existed: bool


def run_update(request: UpdateRequest, settings: Settings, commit: Commit) -> Delta:
    """Run an update; gives what it changed. Raises QueryError and StoreError, and nothing has changed then."""
    text = check_update(request, settings)
    with write_store(Path(settings.store)) as writer:
        place = _Place(writer)
        if has_data_only(text):
            delta = change_data(text, place.before, settings)
            place.keep(delta, commit)
            return delta
        with writer.copy_current() as part:
            delta = change_copy(text, place.before, part, settings)
            place.check(delta)
            if delta:
                commit()
                writer.publish_copy(part, delta)
    return delta


def begin_store(settings: Settings) -> None:
    """Give a store that has no graph an empty one, which users may fill. Raises StoreError."""
    if not (Path(settings.store) / "CURRENT").exists():
        with write_store(Path(settings.store)) as writer:
            writer.settle()


def put_graph(graph: str, sent: Sequence[Sent], settings: Settings, commit: Commit) -> Written:
    """Make a graph hold what was sent, all files of it, and no more. graph: an IRI, or empty for the default graph.

    Raises GraphError, QueryError and StoreError, and nothing has changed then.
    """
    return _write_graph(graph, sent, settings, commit, is_whole=True)


def add_to_graph(graph: str, sent: Sequence[Sent], settings: Settings, commit: Commit) -> Written:
    """Add what was sent to a graph, which may be a new one. Raises as `put_graph` does."""
    return _write_graph(graph, sent, settings, commit, is_whole=False)


def add_new_graph(prefix: str, sent: Sequence[Sent], settings: Settings, commit: Commit) -> Written:
    """Add what was sent as a graph of its own, named `prefix` and a digest. Raises as `put_graph` does."""
    digest = hashlib.sha256(b"".join(one.body for one in sent)).hexdigest()[:_NEW_NAME_DIGITS]
    with write_store(Path(settings.store)) as writer:
        place = _Place(writer)
        names, number = {name.value for name in place.before.named_graphs()}, 1
        while (graph := f"{prefix}{digest}" + (f"-{number}" if number > 1 else "")) in names:
            number += 1
        place.keep(Delta(_read_all(sent, named_node(graph), settings)), commit)
    return Written(graph, existed=False)


def delete_graph(graph: str, settings: Settings, commit: Commit) -> Written:
    """Take all out of a graph. Raises as `put_graph` does."""
    name = _graph_name(graph)
    with write_store(Path(settings.store)) as writer:
        place = _Place(writer)
        held = frozenset(place.before.quads_for_pattern(None, None, None, name))
        place.keep(Delta(removed=held), commit)
    return Written(graph, existed=bool(held))


def read_sent(sent: Sent, graph: ox.NamedNode | ox.DefaultGraph, settings: Settings) -> frozenset[ox.Quad]:
    """The statements that were sent, in `graph`. Blank nodes are new ones.

    Raises GraphError for a media type that is not RDF, and QuerySyntaxError for what is no such text.
    """
    rdf_format = find_format(sent.content_type)
    if rdf_format is None:
        raise GraphError(f"the graph is sent as {sent.content_type or 'no media type'}: send text/turtle, in UTF-8")
    base = graph.value if isinstance(graph, ox.NamedNode) else settings.base_iri
    try:
        parsed = ox.parse(sent.body, rdf_format, base_iri=base, without_named_graphs=True, rename_blank_nodes=True)
        return frozenset(ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parsed)
    except (SyntaxError, ValueError) as err:
        raise syntax_error(str(err), f"not {rdf_format.name}") from err


def find_format(content_type: str) -> ox.RdfFormat | None:
    """The RDF format that a Content-Type names; None where it names none, or another encoding than UTF-8."""
    media_type, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    named = dict(parameter.partition("=")[::2] for parameter in parameters)
    if not media_type or named.get("charset", "utf-8").strip('"') not in ("utf-8", "utf8", "us-ascii"):
        return None
    return ox.RdfFormat.from_media_type(media_type)


class _Place:
    """The snapshot that a write begins with."""

    def __init__(self, writer: StoreWriter) -> None:
        self._writer = writer
        self._snapshot = writer.settle()
        self._own = read_own(self._snapshot)
        self.before = ox.Store.read_only(str(self._snapshot))

    def keep(self, delta: Delta, commit: Commit) -> None:
        """Apply a delta to a copy, and publish it."""
        self.check(delta)
        if not delta:
            return
        with self._writer.copy_current() as part:
            _apply(delta, part)
            commit()
            self._writer.publish_copy(part, delta)

    def check(self, delta: Delta) -> None:
        """Raises QueryRefused for what is not the user's to change."""
        closed = built_graphs(self._snapshot) - {str(_DEFAULT)}
        found = [f"{quad} . is of kg build, and stays: use kg correct retract" for quad in delta.removed - self._own]
        found += [why for quad in delta.added if (why := self._why_not(quad, closed))]
        if found:
            raise QueryRefused(f"nothing is written: {min(found)}")

    def _why_not(self, quad: ox.Quad, closed: frozenset[str]) -> str:
        """Why a quad cannot be added; empty where it can. closed: the graphs of documents."""
        if str(quad.graph_name) in closed:
            return f"{quad.graph_name} is what a document says: write into a graph of your own"
        if _is_in_our_words(quad):
            return f"{quad} . is in words of the ontology, which sentences stand behind: use kg correct assert"
        if not _is_rdf_1_1(quad):
            return f"{quad} . is RDF 1.2: write RDF 1.1"
        same = self.before.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        built = [str(q) for q in same if q not in self._own]
        return f"{min(built)} . is of kg build, and a statement of it stands in one graph" if built else ""


def _apply(delta: Delta, part: Path) -> None:
    store = ox.Store(str(part))
    for quad in delta.removed:
        store.remove(quad)
    store.bulk_extend(delta.added)
    drop_empty_graphs(store)
    store.flush()


def _write_graph(graph: str, sent: Sequence[Sent], settings: Settings, commit: Commit, *, is_whole: bool) -> Written:
    name = _graph_name(graph)
    quads = _read_all(sent, name, settings)
    with write_store(Path(settings.store)) as writer:
        place = _Place(writer)
        held = frozenset(place.before.quads_for_pattern(None, None, None, name))
        place.keep(Delta(quads - held, held - quads if is_whole else frozenset()), commit)
    return Written(graph, existed=bool(held))


def _read_all(sent: Sequence[Sent], graph: ox.NamedNode | ox.DefaultGraph, settings: Settings) -> frozenset[ox.Quad]:
    return frozenset(quad for one in sent for quad in read_sent(one, graph, settings))


def _graph_name(graph: str) -> ox.NamedNode | ox.DefaultGraph:
    return named_node(graph) if graph else _DEFAULT


def _is_in_our_words(quad: ox.Quad) -> bool:
    """Whether readers of the graph take it for what a build says: a property or class of the ontology, or a claim."""
    words = (quad.predicate, quad.object) if quad.predicate == _TYPE else (quad.predicate,)
    is_ours = any(isinstance(word, ox.NamedNode) and word.value.startswith(_OURS) for word in words)
    return is_ours or quad.predicate in _OF_CLAIMS


def _is_rdf_1_1(quad: ox.Quad) -> bool:
    term = quad.object
    return not isinstance(term, ox.Triple) and not (isinstance(term, ox.Literal) and term.direction)
