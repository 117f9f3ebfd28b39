"""Stage 1: text -> the spans that are running text. What is left over is page chrome: no name in it becomes an entity.

Every decision rests on the form of a block and of its neighbours (length, last sign, capitals, function words, runs of
short lines) and on the stock phrases of page furniture, never on what a single page says. The text is not changed: a
span is a pair of offsets into it. Cost is linear; of a long block only the first `HEAD_CHARS` and the last
`TAIL_CHARS` characters are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from kg.page_chrome import BYLINE, FUNCTION_WORDS, NAME_SHARE, WORD, Chrome, count_title_words, find_chrome, find_credit
from kg.records import Span

# Thresholds in words unless named otherwise; set on pasted web pages, and on clean news briefs of which all must stay.
SENTENCE_WORDS = 3  # a block that ends in a full stop is a sentence from here on
EXCLAMATION_WORDS = 12  # a shorter question or exclamation may be a headline or a button
UNFINISHED_WORDS = 20  # so many words are a paragraph, whatever the last sign
COLON_WORDS = 8  # a block that ends in a colon is a sentence from here on
BULLET_WORDS = 5  # a list line with fewer words is a link or a label
HEADLINE_WORDS = 4  # a line above an article with fewer is a section name
SUBHEAD_WORDS = 9  # a line above a headline belongs to the article from here on
HEADER_LINES = 3  # more unfinished lines than this above an article are a menu
LOOSE_LINES = 2  # more unfinished lines than this inside an article are page chrome
LOOSE_WORDS = 5  # an unfinished line inside an article with fewer is a heading
TRAILING_WORDS = 8  # an unfinished last line with fewer is page chrome
MAX_TITLE_SHARE = 0.5  # from this share of capitalised words on, a line is a heading or a menu entry
STRAY_WORDS = 15  # a shorter sentence amid unfinished lines is a slogan in a menu
RETURN_WORDS = 25  # a sentence that ends a list of other stories on its own
PROMPT_WORDS = 60  # a longer block speaks to nobody's browser
SHORT_BLOCKS = 2  # a text of so few blocks is running text but for credits and prompts

# Hard-wrapped text: lines are one paragraph when the next word would not have fitted. Widths in characters.
MIN_WRAP_WIDTH, MAX_WRAP_WIDTH = 45, 140
WRAP_FILL = 0.85  # proportional fonts in PDF leave lines uneven
MIN_BROKEN_LINE = 25  # a line that goes on in lower case is broken when it is as long as this

HEAD_CHARS, TAIL_CHARS = 400, 160

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_OPEN_WORDS = frozenset({"a", "an", "the", "of", "and", "or", "to", "by", "with", "for", "from", "its", "their"})
_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"(?:[-*•·▪‣◦●○–—]|\d{1,2}[.)])\s+")
_CLOSERS = " \t\"'”’»)]*_"
_INNER_STOP = re.compile(r"[.!?。！？][\"”’)]?\s+[\"“‘(]?[^\Wa-z_]|[。！？](?=.)")

# What in Markdown is no text: each pattern runs to the end of the text where its closing mark is missing.
_MARKUP = re.compile(
    r"\A---\n.{0,5000}?\n---(?=\n)"  # front matter
    r"|^[ ]{0,3}(?P<fence>`{3,}|~{3,}).*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)|<!--.*?(?:-->|\Z)"
    r"|!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)"  # image
    r"|(?<=\])\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?(?:\s+\"[^\"\n]{0,500}\")?\)"  # address of a link
    r"|^[ ]{0,3}\[[^\]\n]{1,200}\]:[^\n]*|<?https?://[^\s<>]+>?|</?[a-zA-Z][^<>\n]{0,1000}>"
    r"|^[ ]{0,3}(?:[-*_=][ \t]*){3,}$|^[ \t|:+-]{0,500}\|[ \t|:+-]{0,500}$",  # rules, also those of tables
    re.DOTALL | re.MULTILINE,
)
_LINE_MARKS = re.compile(r"(?:(?:#{1,6}|>|[-*+]|\d{1,3}[.)]|\[[ xX]\])(?:\s+|$))+")


class _Kind(Enum):
    SENTENCE = auto()
    BULLET = auto()  # a finding in a list
    LOOSE = auto()  # does not end as a sentence does: headline, heading, menu entry, label
    CHROME = auto()


_PROSE = (_Kind.SENTENCE, _Kind.BULLET)


@dataclass(frozen=True, slots=True)
class _Block:
    """One paragraph or line: `body` is its running text, without list marker and credit."""

    body: Span
    kind: _Kind
    n_words: int = 0
    title_share: float = 0.0
    is_sentence_like: bool = False
    asks: bool = False
    is_listed: bool = False
    chrome: Chrome | None = None


def find_running_text(text: str) -> tuple[Span, ...]:
    """Spans of running text, one a paragraph, headline or list line, sorted and disjoint, without blanks at the ends.

    A text of one block is running text as a whole. A credit at the end of a caption is left out, its sentence kept.
    """
    paragraphs = find_paragraphs(text)
    if len(paragraphs) == 1:
        return tuple(paragraphs)
    blocks = _drop_other_stories([_read_block(text, span) for span in paragraphs])
    return tuple(block.body for block, kept in zip(blocks, _choose(blocks), strict=True) if kept)


def find_markdown_text(text: str) -> tuple[Span, ...]:
    """Spans of a Markdown text without code blocks, images, addresses of links, tags and line marks; headings stay.

    A line is cut in several spans where an address stands inside it.
    """
    spans: list[Span] = []
    holes = [Span(match.start(), match.end()) for match in _MARKUP.finditer(text)] + [Span(len(text), len(text))]
    position = 0
    for hole in holes:
        spans += find_paragraphs(text, position, hole.start)
        position = hole.end
    marked = (_drop_line_marks(text, span) for span in spans)
    return tuple(span for span in marked if any(char.isalnum() for char in text[span.start : span.end]))


def _drop_line_marks(text: str, span: Span) -> Span:
    before = text[max(0, span.start - TAIL_CHARS) : span.start].rstrip(" \t")
    marks = _LINE_MARKS.match(text, span.start, span.end) if before[-1:] in ("", "\n") else None
    return Span(marks.end() if marks else span.start, span.end)


def find_paragraphs(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Spans of the lines in `[start, end)` that are not blank, hard-wrapped lines joined, trimmed of blanks."""
    matches = _LINE.finditer(text, start, len(text) if end is None else end)
    lines = [_trim(text, match.start(), match.end()) for match in matches]
    lines = [line for line in lines if line.start < line.end]
    width = _find_wrap_width(text, lines)
    joined = lines[:1]
    for above, line in pairwise(lines):
        if _is_wrapped(text, above, line, width):
            joined[-1] = Span(joined[-1].start, line.end)
        else:
            joined.append(line)
    return joined


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _find_wrap_width(text: str, lines: Sequence[Span]) -> int:
    """Width at which lines were wrapped: of the longest that goes on in lower case, in characters; 0 if none does."""
    lengths = (above.end - above.start for above, line in pairwise(lines) if _goes_on(text, above, line))
    return max((length for length in lengths if MIN_WRAP_WIDTH <= length <= MAX_WRAP_WIDTH), default=0)


def _goes_on(text: str, above: Span, line: Span) -> bool:
    """Whether `line`, right below an unfinished one, starts in lower case."""
    return (
        text[line.start].islower()
        and MIN_BROKEN_LINE <= above.end - above.start <= MAX_WRAP_WIDTH
        and text[above.end - 1] not in ".!?:;"
        and text.count("\n", above.end, line.start) == 1
        and not BYLINE.match(text, line.start, line.end)
    )


def _breaks_phrase(text: str, above: Span, line: Span) -> bool:
    """Whether a line ends in a word that cannot end a phrase, or in a hyphen; `line` stands right below."""
    is_long = MIN_BROKEN_LINE <= above.end - above.start <= MAX_WRAP_WIDTH
    is_hyphen = text[above.end - 1] == "-" and text[above.end - 2].isalpha() and text[line.start].isalpha()
    is_open = (
        is_hyphen or text[max(above.start, above.end - MIN_BROKEN_LINE) : above.end].rpartition(" ")[2] in _OPEN_WORDS
    )
    return is_long and is_open and text.count("\n", above.end, line.start) == 1


def _is_wrapped(text: str, above: Span, line: Span, width: int) -> bool:
    """Whether `line` goes on with the paragraph of `above`; width: see `_find_wrap_width`."""
    if _goes_on(text, above, line) or _breaks_phrase(text, above, line):
        return True
    length = above.end - above.start
    if length < WRAP_FILL * width or not 0 < width <= MAX_WRAP_WIDTH or length * WRAP_FILL > width:
        return False
    if text.count("\n", above.end, line.start) > 1 or _BULLET.match(text, line.start, line.end):
        return False
    blank = text.find(" ", line.start, line.end)
    word = (blank if blank >= 0 else line.end) - line.start
    return not _ends_in_stop(text, above) or length + 1 + word > width


def _ends_in_stop(text: str, span: Span) -> bool:
    return text[max(span.start, span.end - 4) : span.end].rstrip(_CLOSERS).endswith((".", "!", "?"))


def _read_block(text: str, span: Span) -> _Block:
    marker = _BULLET.match(text, span.start, span.end)
    start = marker.end() if marker else span.start
    end = find_credit(text, Span(start, span.end))
    body = _trim(text, start, end)
    last = text[max(body.start, body.end - TAIL_CHARS) : body.end].rstrip(_CLOSERS)[-1:]
    if last == "." and body.end - body.start > HEAD_CHARS:
        return _Block(body, _Kind.SENTENCE, PROMPT_WORDS)
    head = text[body.start : min(body.end, body.start + HEAD_CHARS)]
    words = WORD.findall(head)
    n_words = len(words) + len(_CJK.findall(head)) // 2
    if end < span.end:
        return _Block(body, _Kind.SENTENCE if n_words >= SENTENCE_WORDS else _Kind.CHROME, n_words)
    chrome = find_chrome(head) if n_words <= PROMPT_WORDS else None
    if chrome:
        return _Block(body, _Kind.CHROME, n_words, chrome=chrome)
    return _weigh(body, head, words, last, is_listed=marker is not None)


def _weigh(body: Span, head: str, words: Sequence[str], last: str, *, is_listed: bool) -> _Block:
    """The block of a line without stock phrases; head: its beginning, words: of the head, last: its last sign."""
    n_words = len(words) + len(_CJK.findall(head)) // 2
    n_function = sum(word.lower() in FUNCTION_WORDS for word in words)
    n_content, n_title = count_title_words(words)
    share = n_title / n_content if n_content else 0.0
    asks = last in ("?", "!", "？", "！")
    if _is_sentence(last, n_words, n_function, share) or (n_words >= COLON_WORDS and _INNER_STOP.search(head)):
        kind = _Kind.BULLET if is_listed else _Kind.SENTENCE
    elif is_listed and n_words + (":" in head) >= BULLET_WORDS:
        kind = _Kind.BULLET
    else:
        kind = _Kind.LOOSE
    sentence_like = (asks and n_words >= SENTENCE_WORDS) or (n_function > 0 and share < MAX_TITLE_SHARE)
    return _Block(body, kind, n_words, share, sentence_like, asks, is_listed)


def _is_sentence(last: str, n_words: int, n_function: int, share: float) -> bool:
    if last in (".", "…", "。"):
        return n_words >= SENTENCE_WORDS and (n_function > 0 or share < NAME_SHARE or n_words > COLON_WORDS)
    if last in ("?", "!", "？", "！"):
        return n_words >= EXCLAMATION_WORDS
    if last in (":", ";", ","):
        return n_words >= COLON_WORDS and n_function > 0
    return n_words >= UNFINISHED_WORDS and n_function > 1


def _drop_other_stories(blocks: Sequence[_Block]) -> list[_Block]:
    """Make chrome of the headlines and teasers that follow a heading such as `Related stories` below some prose."""
    kept: list[_Block] = []
    inside = is_below = False
    for index, block in enumerate(blocks):
        following = blocks[index + 1].kind if index + 1 < len(blocks) else None
        if inside and block.kind is _Kind.SENTENCE:
            inside = block.n_words < RETURN_WORDS and following is not _Kind.SENTENCE
        is_below = is_below or block.kind is _Kind.SENTENCE
        inside = inside or (is_below and block.chrome is Chrome.OTHER_STORIES)
        kept.append(_Block(block.body, _Kind.CHROME, block.n_words) if inside else block)
    return kept


def _choose(blocks: Sequence[_Block]) -> list[bool]:
    """For each block, whether it is running text: prose, and the loose lines whose place makes them part of it."""
    kept = [_is_prose(blocks, index) for index in range(len(blocks))]
    if len(blocks) <= SHORT_BLOCKS or not any(kept):
        least = 1 if len(blocks) <= HEADER_LINES else HEADLINE_WORDS
        return [block.kind in (*_PROSE, _Kind.LOOSE) and block.n_words >= least for block in blocks]
    start = 0
    is_leading = True
    while start < len(blocks):
        end = start
        while end < len(blocks) and not kept[end]:
            end += 1
        for index in _find_kept_lines(blocks, start, end, is_leading=is_leading):
            kept[index] = True
        is_leading = False
        start = end + 1
    return kept


def _is_prose(blocks: Sequence[_Block], index: int) -> bool:
    block = blocks[index]
    if block.kind in _PROSE:
        return not _is_stray(blocks, index)
    beside = (*blocks[max(0, index - 1) : index], *blocks[index + 1 : index + 2])
    in_list = block.is_listed and any(b.kind is _Kind.BULLET for b in beside)
    return in_list and block.kind is _Kind.LOOSE and block.n_words >= SENTENCE_WORDS


def _is_stray(blocks: Sequence[_Block], index: int) -> bool:
    """Whether a short sentence stands alone amid unfinished lines, as a slogan in a menu does."""
    around = [*blocks[max(0, index - 2) : index], *blocks[index + 1 : index + 3]]
    return blocks[index].n_words < STRAY_WORDS and len(around) == 4 and all(b.kind is _Kind.LOOSE for b in around)


def _find_kept_lines(blocks: Sequence[_Block], start: int, end: int, *, is_leading: bool) -> list[int]:
    """Numbers of the loose lines in the run `[start, end)` between two pieces of prose that belong to the article."""
    loose = [index for index in range(start, end) if blocks[index].kind is _Kind.LOOSE]
    has_byline = any(block.chrome is Chrome.SIGNATURE for block in blocks[start:end])
    if end < len(blocks) and (is_leading or (has_byline and len(loose) > 1)):
        return _find_headlines(blocks, loose)
    if len(loose) > LOOSE_LINES:
        return []
    least = LOOSE_WORDS if end < len(blocks) else TRAILING_WORDS
    return [i for i in loose if blocks[i].is_sentence_like and (blocks[i].asks or blocks[i].n_words >= least)]


def _find_headlines(blocks: Sequence[_Block], loose: Sequence[int]) -> list[int]:
    """Of the loose lines above an article, headline and subhead: the long ones, or under a menu the last one or two."""
    long = [index for index in loose if blocks[index].n_words >= HEADLINE_WORDS]
    if len(loose) <= HEADER_LINES:
        return long or list(loose[:1])
    if len(long) < 2:
        return long
    above, nearest = blocks[long[-2]], blocks[long[-1]]
    has_subhead = nearest.n_words >= SUBHEAD_WORDS and nearest.title_share < MAX_TITLE_SHARE
    is_headline = above.asks or above.n_words >= SUBHEAD_WORDS or above.title_share >= MAX_TITLE_SHARE
    return long[-2:] if (has_subhead or is_headline) and above.n_words > HEADLINE_WORDS else long[-1:]
