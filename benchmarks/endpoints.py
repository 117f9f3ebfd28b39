"""Ours and other SPARQL servers side by side over HTTP: `make bench`, or `python -m benchmarks.endpoints --help`.

All servers run at one time and are asked in turn, a block of requests each, by one client that keeps its connection and
asks for no compression, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

import pyoxigraph as ox

from benchmarks.figures import Figure, draw, goals, table
from benchmarks.made_graph import entities_for, made_entities, made_quads
from benchmarks.questions import POINT, SEED, Measure, measures
from benchmarks.servers import SERVERS, Client, Missing, Server, Unanswered, memory_mb
from kg.records import Entity

CLIENTS = 8
CLIENTS_S = 5.0
"""How long eight clients ask at once."""

BUDGET_S = 30.0
"""A measure of one server ends when it has taken so long, and has three answers."""

MIN_ANSWERS = 3
REPEATS = 500
ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Graph:
    """A made graph: its file of N-Quads, how many quads that has, and its entities."""

    file: Path
    n_quads: int
    entities: Sequence[Entity]


@dataclass(slots=True)
class Contestant:
    """A server that runs, and the graph it has."""

    server: Server
    graph: Graph
    pid: int
    client: Client

    def ask(self, measure: Measure, text: str) -> bytes:
        """One answer. Raises Unanswered."""
        return self.client.get(text) if measure.is_address else self.client.query(text, measure.accept)


def make_graph(folder: Path, n_triples: int) -> Graph:
    """A graph of about so many triples, in a file."""
    n, file = entities_for(n_triples), folder / f"{n_triples}.nq"
    with file.open("wb") as out:
        ox.serialize(made_quads(n), out, format=ox.RdfFormat.N_QUADS)
    with file.open("rb") as lines:
        return Graph(file, sum(1 for _ in lines), made_entities(n))


def load_server(server: Server, graph: Graph) -> list[Figure]:
    """Load the graph; figures of what that took."""
    took = server.load(graph.file)
    return [Figure(what, server.name, "triples/s", graph.n_quads / seconds) for what, seconds in took.items()]


def start(server: Server, graph: Graph, stack: ExitStack) -> tuple[Contestant, Figure]:
    """Start a server; the figure is the time from its start to its first answer."""
    started = time.perf_counter()
    pid = stack.enter_context(server.running())
    server.wait(POINT.format(iri=graph.entities[0].iri), pid)
    took = time.perf_counter() - started
    what = "load, start and first answer" if server.loads_at_start else "start and first answer"
    client = Client(server.port, server.path)
    stack.callback(client.close)
    return Contestant(server, graph, pid, client), Figure(what, server.name, "s", took)


def time_measure(asked: Mapping[int, Measure], contestants: Sequence[Contestant]) -> list[Figure]:
    """A figure for each server that answers, warmed up first, then asked in turn with the others, block by block.

    asked: number of quads of a graph -> what is asked on it.
    """
    times: dict[str, list[float]] = {}
    asking: list[tuple[Contestant, Iterator[float]]] = []
    for one in contestants:
        measure = asked[one.graph.n_quads]
        if _is_warmed(one, measure):
            times[one.server.name] = []
            asking.append((one, _answer_times(one, measure)))
    name, block = next((measure.name, measure.block) for measure in asked.values())
    while asking:
        for one, answers in list(asking):
            took = times[one.server.name]
            took += (fresh := list(islice(answers, block)))
            if len(fresh) < block or (sum(took) > BUDGET_S * 1000 and len(took) >= MIN_ANSWERS):
                asking.remove((one, answers))
    return [_figure(name, server, took) for server, took in times.items()]


def _is_warmed(one: Contestant, measure: Measure) -> bool:
    """Send the warm-up; False where the server cannot be asked, or does not answer in the format."""
    texts = measure.texts_for(one.server.name)
    try:
        for text in texts[: measure.n_warm]:
            one.ask(measure, text)
    except Unanswered:
        return False
    return bool(texts)


def _answer_times(one: Contestant, measure: Measure) -> Iterator[float]:
    """Milliseconds of each answer, from the request to its last byte."""
    for text in measure.texts_for(one.server.name)[measure.n_warm :]:
        started = time.perf_counter()
        one.ask(measure, text)
        yield (time.perf_counter() - started) * 1000


def _figure(measure: str, server: str, took: Sequence[float]) -> Figure:
    ordered = sorted(took)
    return Figure(measure, server, "ms", statistics.median(took), ordered[int(len(ordered) * 0.95)], len(took))


def count_answers(one: Contestant, clients: int = CLIENTS, seconds: float = CLIENTS_S) -> Figure:
    """Point lookups a second of so many clients at once, each with a connection of its own and its own entities."""
    chosen = Random(SEED).sample(list(one.graph.entities), min(2_000, len(one.graph.entities)))
    answered = [0] * clients
    until = time.perf_counter() + seconds

    def ask(number: int) -> None:
        client = Client(one.server.port, one.server.path)
        for entity in cycle(chosen[number::clients]):
            if time.perf_counter() > until:
                break
            client.query(POINT.format(iri=entity.iri))
            answered[number] += 1
        client.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Figure(f"{clients} clients at once", one.server.name, "lookups/s", sum(answered) / seconds)


def check_answers(contestants: Sequence[Contestant], asked: Mapping[int, Sequence[Measure]]) -> None:
    """Hold the answers of servers with the same graph against each other. Raises RuntimeError where they differ.

    asked: number of quads of a graph -> what is asked on it. Left out is what servers may answer differently: some rows
    of many, a search of texts, and counts of a server that holds triples of its own.
    """
    for n_quads, of_graph in asked.items():
        same = [one for one in contestants if one.graph.n_quads == n_quads]
        for measure in of_graph:
            if measure.own_texts or measure.is_address or measure.texts[0].find("LIMIT") > 0:
                continue
            is_count = "COUNT" in measure.texts[0]
            rows = {
                one.server.name: _rows(one.ask(measure, measure.texts[0]))
                for one in same
                if not (is_count and one.server.has_own_triples)
            }
            if len({tuple(found) for found in rows.values()}) > 1:
                numbers = {server: len(found) for server, found in rows.items()}
                raise RuntimeError(f"{measure.name}: the answers differ, rows: {numbers}")


def _rows(answer: bytes) -> list[str]:
    """The rows of an answer in JSON, sorted; of numbers only the value, whose datatype servers write differently."""
    bindings = json.loads(answer)["results"]["bindings"]
    return sorted(json.dumps({name: term["value"] for name, term in row.items()}, sort_keys=True) for row in bindings)


def run(
    names: Sequence[str], n_triples: int, repeats: int = REPEATS, rows: int = ROWS
) -> tuple[list[Figure], list[str]]:
    """All figures, and what has to be said of them."""
    figures: list[Figure] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        graphs: dict[int, Graph] = {}
        contestants: list[Contestant] = []
        for name in names:
            kind = SERVERS[name]
            try:
                server = kind(Path(place) / name)
            except Missing as err:
                notes.append(f"{name} is left out: {err}")
                continue
            if kind.divisor not in graphs:
                graphs[kind.divisor] = make_graph(Path(place), n_triples // kind.divisor)
            graph = graphs[kind.divisor]
            notes.append(f"{name}: {graph.n_quads:,} triples, {len(graph.entities):,} entities")
            figures += load_server(server, graph)
            contestant, first = start(server, graph, stack)
            contestants.append(contestant)
            figures.append(first)
        asked = {g.n_quads: measures(g.entities, repeats, min(rows, g.n_quads // 2)) for g in graphs.values()}
        check_answers(contestants, asked)
        for number in range(len(next(iter(asked.values())))):
            figures += time_measure({n_quads: one[number] for n_quads, one in asked.items()}, contestants)
        figures += [count_answers(one) for one in contestants]
        figures += [Figure("memory", one.server.name, "MB", memory_mb(one.pid)) for one in contestants]
    return figures, notes


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endpoints", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--triples", type=int, default=1_000_000, help="of the graph (default %(default)s)")
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=[*SERVERS], help="(default all)")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="of a lookup (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="JSON in the place of the table")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the times into an .svg file")
    args = parser.parse_args(arguments)
    figures, notes = run(args.servers, args.triples, args.repeats)
    if args.plot:
        draw(figures, args.plot)
    if args.json:
        print(json.dumps({"figures": [asdict(figure) for figure in figures], "notes": notes}, indent=1))
    else:
        print("\n".join([table(figures), "", *notes, "", *goals(figures)]))


if __name__ == "__main__":
    main()
