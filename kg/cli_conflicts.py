"""The verb `kg conflicts`: where sources contradict each other, side by side, on stdout."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Callable, Sequence

from kg.settings import Settings

ASPECTS = ("figure", "status", "date", "buyer", "employer", "holder")
"""Values of `kg.topics.Aspect`, which is read only when it is needed: the command starts at once."""
WIDTH = 100
"""Characters of a line of the table."""

Row = dict[str, str]


def conflicts_text(rows: Sequence[Row], *, as_json: bool) -> str:
    """For a person, side by side, or JSON for a program."""
    if as_json:
        return json.dumps(rows, ensure_ascii=False, indent=1)
    return "\n\n".join(_block(row) for row in rows) if rows else "no two sources contradict each other"


def add_conflicts(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    make: Callable[..., argparse.ArgumentParser],
    add_store: Callable[[argparse.ArgumentParser], None],
    read: Callable[[argparse.Namespace], Settings],
) -> None:
    """Add the verb. make: a parser with the options that all verbs have; read: the settings that arguments give."""

    def run(args: argparse.Namespace) -> int:
        from kg.ask import list_conflicts  # noqa: PLC0415  # the command starts at once

        print(conflicts_text(list_conflicts(read(args), args.aspect), as_json=args.json))  # noqa: T201  # its result
        return 0

    text = "list where sources contradict each other, sentence against sentence"
    parser = make(verbs, "conflicts", run, text, "kg conflicts --aspect figure")
    parser.add_argument("--aspect", choices=ASPECTS, help="only what differs in this")
    parser.add_argument("--json", action="store_true", help="the rows as JSON")
    add_store(parser)


def _block(row: Row) -> str:
    lines = [f"{row['about']}: {row['what']}, differs in {row['aspect']}"]
    for side in ("first", "second"):
        value, date = row[f"{side}Value"], row[f"{side}Date"]
        dated = f" ({date})" if date and date != value else ""
        published = f", {row[f'{side}Published']}" if row[f"{side}Published"] else ""
        lines.append(f"  {value}{dated}  [{row[f'{side}Document']}{published}]")
        quote = f'"{" ".join(row[f"{side}Sentence"].split())}"'
        lines.append(textwrap.fill(quote, WIDTH, initial_indent="    ", subsequent_indent="    "))
    return "\n".join(lines)
