"""The verb `kg correct`: parse, make or undo one correction, print what became of it."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from kg.errors import CorrectionError
from kg.records import EntityType, Predicate, Refusal, Status
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.correcting import Outcome
    from kg.corrections import Correction

_TYPES, _STATUSES = [t.value for t in EntityType], [s.value for s in Status]


def add_correct(parser: argparse.ArgumentParser, add_common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The verb's own verbs. add_common: gives each of them the options that all verbs have."""
    verbs = parser.add_subparsers(dest="do", metavar="VERB", required=True)

    def add(name: str, text: str, example: str) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=text, description=text, epilog=f"example: kg correct {example}")
        add_common(verb)
        if name != "list":
            verb.add_argument("--who", metavar="NAME", help="who corrects (default: $KG_USER, else your login)")
            verb.add_argument("--why", default="", metavar="TEXT", help="the reason, kept in the file")
            verb.add_argument("--no-build", action="store_true", help="write it down for the next build, no more")
        return verb

    merge = add("merge", "several entities are one; it keeps the first's name and IRI", "merge 'Sam Altman' Altman")
    merge.add_argument("into", metavar="KEEP", help="name, alias, IRI, or its end: person/sam-altman")
    merge.add_argument("others", metavar="OTHER", nargs="+")
    split = add("split", "a part of an entity is another one", "split Mercury --document ship.txt --as 'Mercury Lines'")
    split.add_argument("entity", metavar="ENTITY")
    split.add_argument("--document", dest="documents", action="append", default=[], metavar="ID", help="its part there")
    split.add_argument("--name", dest="names", action="append", default=[], metavar="NAME", help="its part so named")
    split.add_argument("--as", dest="name", required=True, metavar="NAME", help="name of the part")
    rename = add("rename", "an entity has another label; the old one stays an alias", "rename OpenAI 'OpenAI Group'")
    rename.add_argument("entity", metavar="ENTITY")
    rename.add_argument("name", metavar="NAME")
    retype = add("retype", "an entity is of another type", "retype Codex Product")
    retype.add_argument("entity", metavar="ENTITY")
    retype.add_argument("type", metavar="TYPE", choices=_TYPES, help=", ".join(_TYPES))
    _add_retract(add("retract", "a link, or one claim, is wrong", "retract OpenAI acquired Windsurf"))
    _add_assert(add("assert", "a link holds, on your word", "assert 'Jane Doe' worksFor OpenAI --subject-type Person"))
    add("undo", "a correction no longer counts", "undo 3").add_argument("id", type=int, metavar="ID")
    add("list", "all corrections", "list")


def run_correct(args: argparse.Namespace, settings: Settings) -> tuple[str, tuple[Refusal, ...]]:
    """Do what was asked; gives a text for the user, and what the graph newly refuses."""
    from kg.correcting import Request, correct, list_corrections, undo

    if args.do == "list":
        return "\n".join(_listed(correction) for correction in list_corrections(settings)), ()
    who, when = args.who or _login(), date.today().isoformat()
    publish = not args.no_build
    if args.do == "undo":
        return _told(undo(args.id, who, settings, when, why=args.why, publish=publish), "undone")
    given: dict[str, Any] = {f.name: getattr(args, f.name, None) for f in fields(Request)}
    given |= {"who": who, "entities": getattr(args, "others", None)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if value
    }
    return _told(correct(Request(**values), settings, when, publish=publish), "made")


def _add_link(verb: argparse.ArgumentParser, count: str | None) -> None:
    verb.add_argument("subject", metavar="SUBJECT", nargs=count)
    verb.add_argument("predicate", metavar="PREDICATE", nargs=count, help=", ".join(Predicate))
    verb.add_argument("object", metavar="OBJECT", nargs=count)


def _add_retract(verb: argparse.ArgumentParser) -> None:
    _add_link(verb, "?")
    verb.add_argument("--claim", metavar="IRI", help="only this claim, or figure")


def _add_assert(verb: argparse.ArgumentParser) -> None:
    _add_link(verb, None)
    verb.add_argument("--status", choices=_STATUSES, help="default actual")
    verb.add_argument("--role", metavar="TEXT", help="position, for worksFor")
    for name, text in (("started-on", "since"), ("ended-on", "until"), ("occurred-on", "when it happened")):
        verb.add_argument(f"--{name}", metavar="DATE", help=f"{text}: 2024-07-03, 2024-07 or 2024")
    verb.add_argument("--subject-type", choices=_TYPES, metavar="TYPE", help="lets the subject be a new entity")
    verb.add_argument("--object-type", choices=_TYPES, metavar="TYPE", help="lets the object be a new entity")


def _login() -> str:
    try:
        return os.environ.get("KG_USER") or getpass.getuser()
    except (OSError, KeyError) as err:  # a container may run under a number that has no name
        raise CorrectionError("nobody is logged in by name: give --who, or set $KG_USER") from err


def _told(outcome: Outcome, done: str) -> tuple[str, tuple[Refusal, ...]]:
    correction, report = outcome.correction, outcome.report
    tail = f"\n{report.summary}" if report else "\nthe next build applies it"
    return f"correction {correction.id} {done}: {correction.words}{tail}", outcome.news


def _listed(correction: Correction) -> str:
    mark, undone = correction.mark, correction.undone
    state = f"undone by {undone.who} on {undone.when}" if undone else ""
    return "\t".join((str(correction.id), correction.words, mark.who, mark.when, mark.why, state)).rstrip("\t")
