"""The command `kg`: one verb a function; a verb parses, calls one library function and prints.

Results go to stdout, talk and progress to stderr. Exit code 0: done; 1: done, with findings (inputs refused, claims
quarantined); 2: wrong use, with one line that says what to do.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from time import perf_counter

from kg import __version__
from kg.cli_backup import add_backup
from kg.cli_conflicts import add_conflicts
from kg.cli_serve import add_serve
from kg.errors import KgError
from kg.records import Refusal
from kg.settings import Settings, load_settings

DONE, FINDINGS, WRONG_USE = 0, 1, 2
CLOSED_PIPE = 141
"""As a shell reports a program that was ended by SIGPIPE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    parser = _parser()
    args = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING, format="%(message)s", stream=sys.stderr
    )
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except KgError as err:
        print(f"kg {args.verb}: {err}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        print(f"kg {args.verb}: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `kg ... | head`: nobody reads the rest, and Python must not flush it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kg", description="A knowledge graph read from documents, with a sentence behind every edge."
    )
    parser.add_argument("--version", action="version", version=f"tracegraph {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for add in (
        _add_build,
        _add_extract,
        _add_query,
        _add_export,
        _add_viz,
        partial(add_serve, make=_verb, add_store=_add_store, read=_settings),
        _add_validate,
        _add_stats,
        partial(add_conflicts, make=_verb, add_store=_add_store, read=_settings),
        partial(add_backup, make=_verb, add_store=_add_store, read=_settings),
        _add_remove,
        _add_correct,
        _add_eval,
    ):
        add(verbs)
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    example: str,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=text, epilog=f"example: {example}")
    parser.set_defaults(run=run)
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML file of settings")
    parser.add_argument("-v", "--verbose", action="store_true", help="one line a stage on stderr")
    return parser


def _add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", metavar="DIR", help="folder of the store (default: $KG_STORE, else ./kg-store)")


def _add_corrections(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corrections",
        metavar="FILE",
        help="file of corrections (default: $KG_CORRECTIONS, else STORE/corrections.yaml)",
    )


def _add_pipeline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pipeline", metavar="FILE", help="spaCy config of other components (default: $KG_PIPELINE, else the shipped)"
    )


def _settings(args: argparse.Namespace) -> Settings:
    given = {f.name: getattr(args, f.name, None) for f in fields(Settings)}
    return load_settings(args.settings, **given)


def _report(refusals: Sequence[Refusal], verb: str) -> int:
    for refusal in refusals:
        quote = f" [{' '.join(refusal.quote.split())}]" if refusal.quote else ""
        print(f"kg {verb}: {refusal.what}: {refusal.reason}{quote}", file=sys.stderr)
    return FINDINGS if refusals else DONE


def _add_build(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "build",
        _build,
        "read documents into the graph; unchanged ones cost nothing",
        "kg build articles/ notes.html",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    parser.add_argument("--workers", type=int, help="processes that read documents (default 1)")
    _add_pipeline(parser)
    parser.add_argument(
        "--min-confidence", type=float, metavar="P", help="assert only claims at or above it, in [0, 1]"
    )
    _add_common(parser)


def _build(args: argparse.Namespace) -> int:
    from kg.build import build_graph

    with _Progress("reading") as progress:
        report = build_graph(args.paths, _settings(args), on_progress=progress)
    code = _report(report.refusals, "build")
    print(report.summary)
    return code


def _add_extract(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "extract",
        _extract,
        "write what each document says as one JSON file",
        "kg extract articles/ --out found/",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the JSON files")
    parser.add_argument("--workers", type=int, help="processes that read documents (default 1)")
    _add_pipeline(parser)


def _extract(args: argparse.Namespace) -> int:
    from kg.build import write_annotations

    with _Progress("reading") as progress:
        refusals = write_annotations(args.paths, args.out, _settings(args), on_progress=progress)
    return _report(refusals, "extract")


def _add_query(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs, "query", _query, "answer a SPARQL query", "kg query -f queries/cq02_failed_deals.rq --format csv"
    )
    parser.add_argument("query", nargs="?", metavar="SPARQL", help="the query text")
    parser.add_argument("-f", "--file", type=Path, help="file that holds the query")
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="value of a parameter of the file"
    )
    formats = ("table", "json", "xml", "csv", "tsv", "turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld")
    parser.add_argument("--format", choices=formats, help="default: table for rows, turtle for triples")
    _add_store(parser)


def _query(args: argparse.Namespace) -> int:
    from kg.ask import answer, read_query

    text = read_query(args.query, args.file, args.param)
    sys.stdout.flush()
    answer(_settings(args), text, args.format, sys.stdout.buffer)
    return DONE


def _add_export(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "export",
        _export,
        "write the graph to a file, the format by its suffix",
        "kg export graph.ttl --facts-only",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help=".ttl .trig .nt .nq .jsonld .rdf")
    parser.add_argument(
        "--facts-only", action="store_true", help="entities and asserted triples, without claims and evidence"
    )
    parser.add_argument("--entity", metavar="NAME", help="only what lies around one entity: name, alias or IRI")
    parser.add_argument("--hops", type=int, default=1, help="links from that entity (default 1)")
    _add_store(parser)


def _export(args: argparse.Namespace) -> int:
    from kg.export import Selection, export_store
    from kg.store import open_current

    settings = _settings(args)
    selection = Selection(args.facts_only, args.entity, args.hops)
    n_quads = export_store(open_current(Path(settings.store)), args.out, base=settings.base_iri, selection=selection)
    print(f"{args.out}: {n_quads:,} statements", file=sys.stderr)
    return DONE


def _add_viz(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "viz",
        _viz,
        "write an interactive page that needs no network",
        "kg viz openai.html --entity OpenAI --hops 1",
    )
    parser.add_argument("out", type=Path, metavar="OUT.html")
    parser.add_argument("--entity", metavar="NAME", help="the entity in the middle: name, alias or IRI")
    parser.add_argument("--hops", type=int, default=1, help="links from that entity (default 1)")
    parser.add_argument("--max-nodes", type=int, metavar="N", help="entities on the page (default 200)")
    _add_store(parser)


def _viz(args: argparse.Namespace) -> int:
    from kg.store import open_current
    from kg.viz_page import write_page

    settings = _settings(args)
    most = args.max_nodes or settings.max_viz_entities
    shown = write_page(
        open_current(Path(settings.store)), args.out, entity=args.entity, hops=args.hops, max_entities=most
    )
    print(f"{args.out}: {len(shown.entities):,} of {shown.n_reachable:,} entities", file=sys.stderr)
    return DONE


def _add_validate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs,
        "validate",
        _validate,
        "check the graph against the shapes; list what was refused, and why",
        "kg validate",
    )
    _add_store(parser)


def _validate(args: argparse.Namespace) -> int:
    from kg.build import validate_store

    refusals = validate_store(_settings(args))
    if not refusals:
        print("the graph conforms to its shapes, and nothing is in quarantine")
    for refusal in refusals:
        print(f"{refusal.what}\t{refusal.reason}\t{' '.join(refusal.quote.split())}")
    return FINDINGS if refusals else DONE


def _add_stats(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "stats", _stats, "count what is in the graph", "kg stats")
    _add_store(parser)


def _stats(args: argparse.Namespace) -> int:
    from kg.ask import count_graph

    for name, count in count_graph(_settings(args)):
        print(f"{count:>10,}  {name}")
    return DONE


def _add_remove(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(
        verbs, "remove", _remove, "take one document out, with only its own facts", "kg remove old-article.txt"
    )
    parser.add_argument(
        "id", nargs="+", metavar="ID", help="document id, as `kg query -f queries/cq27_documents.rq` lists it"
    )
    _add_common(parser)


def _remove(args: argparse.Namespace) -> int:
    from kg.build import remove_documents

    report = remove_documents(args.id, _settings(args))
    code = _report(report.unmatched, "remove")
    print(report.summary)
    return code


def _add_correct(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from kg.cli_correct import add_correct

    text = "merge, split, rename, retype, retract, assert or undo, in a file that every build applies"
    parser = _verb(verbs, "correct", _correct, text, "kg correct merge 'Sam Altman' Altman --why 'one person'")
    add_correct(parser, _add_common)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--entities", metavar="FILE", help="your own entities, .csv or .ttl (default: $KG_ENTITIES)")
    _add_corrections(parser)
    _add_store(parser)


def _correct(args: argparse.Namespace) -> int:
    from kg.cli_correct import run_correct

    text, refusals = run_correct(args, _settings(args))
    code = _report(refusals, "correct")
    print(text)
    return code


def _add_eval(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "eval", _eval, "score the reading of documents against gold", "kg eval tests/gold/dev")
    parser.add_argument("gold", type=Path, metavar="GOLD_DIR", help="folder with docs/ (.txt, .html) and gold/ (.json)")
    parser.add_argument("--misses", action="store_true", help="list every miss with its document and sentence")
    parser.add_argument("--min-confidence", type=float, metavar="P", help="leave out what is below it, in [0, 1]")
    _add_pipeline(parser)
    parser.add_argument("--predictions", type=Path, metavar="DIR", help="score what `kg extract` wrote there earlier")
    parser.add_argument("--json", action="store_true", help="the numbers as JSON")


def _eval(args: argparse.Namespace) -> int:
    start = perf_counter()
    from kg.evaluation import evaluate, report_json, report_table

    import_s = perf_counter() - start
    with _Progress("reading") as progress:
        found = evaluate(args.gold, _settings(args), predictions=args.predictions, on_progress=progress)
    reading = found.reading
    if reading.read_s:
        speed = f"{reading.n_words:,} words in {reading.read_s:.1f} s, {reading.n_words / reading.read_s:,.0f} a second"
        print(f"loaded in {import_s + reading.load_s:.1f} s; read {speed}", file=sys.stderr)
    elif found.n_unpredicted:
        print(f"{args.predictions}: nothing on {found.n_unpredicted:,} documents", file=sys.stderr)
    print((report_json if args.json else report_table)(found.score, misses=args.misses))
    return _report(reading.refusals, "eval")


class _Progress:
    """A progress bar on stderr, shown only where stderr is a terminal."""

    def __init__(self, what: str) -> None:
        from tqdm import tqdm

        self.bar = tqdm(desc=what, unit=" documents", disable=not sys.stderr.isatty(), leave=False)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def __call__(self, done: int, total: int) -> None:
        self.bar.total = total
        self.bar.update(done - self.bar.n)


if __name__ == "__main__":
    sys.exit(main())
