"""Stage 1: what the furniture of a page looks like: credits, bylines, stamps, prompts, headings of other stories.

Stock phrases of news sites in English, none of them the words of a single page. Every function takes one line or the
head of one block; none changes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from kg.records import Span

NAME_SHARE = 0.8  # from this share of capitalised words on, a line is made of names
MAX_NAME_WORDS = 4  # a name of a person, or of a newsroom job, has no more words
MAX_SIGNATURE_WORDS = 8
CREDIT_CHARS = 160  # a credit stands in so many characters at the end of a block

_FUNCTION_WORDS = """
a an the and or but nor of in on at to for from by with into over after before about as than that which who whose when
where while if because is are was were be been being am has have had do does did will would can could may might should
must says said it its he she they we you i his her their our your my this these those there not no what why how more up
out off"""
_NAME_LINKS = "and in at for of the on via de van von der den da di del la le bin al y e und with by"
_STAMP_WORDS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun am
pm gmt utc bst est edt cet cest pst pdt et pt ist st nd rd th published posted updated update last first modified
created date dated issued on at ago hour hours hr hrs minute minutes min mins second seconds day days week weeks month
months year years read reading time comment comments share shares view views like likes of k m h d"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
NAME_LINKS = frozenset(_NAME_LINKS.split())
STAMP_WORDS = frozenset(_STAMP_WORDS.split())

WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*")
_BEFORE_CREDIT = r"(?:^|(?<=[.!?\"”’)\]])\s+|\s+[|–—-]\s+|\s*[(\[])"
_CREDIT = re.compile(
    _BEFORE_CREDIT + r"(?:(?:file )?"
    r"(?:photo(?:graph(?:s|y)?|s)?|images?|pictures?|illustrations?|graphics?|videos?|screenshots?|credits?)"
    r"(?: (?:credits?|courtesy|illustration))?(?: (?:by|of)\b|\s?[:/©])|sources?:)"
    r"\s*(?P<who>[^.!?\n]{1,80}?)\.?[)\]]?$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    _BEFORE_CREDIT + r"(?:[A-Z][\w.&'’-]*(?: [A-Z][\w.&'’-]*){0,3}\s?(?:/|via)\s?)?"
    r"(?:Getty Images|Shutterstock|Alamy|iStock|Unsplash|Pexels|Pixabay|AFP|AP Photo|R(?:euters|EUTERS))"
    r"(?:\s?(?:/|via)\s?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3})?\.?[)\]]?$"
)
# Looked for first: no credit, notice or remark on the page is without one of these, and the test costs little.
_CREDIT_HINTS = (
    *(
        "photo",
        "image",
        "picture",
        "illustration",
        "graphic",
        "video",
        "screenshot",
        "credit",
        "source",
        "getty",
        "afp",
    ),
    *("shutterstock", "alamy", "istock", "unsplash", "pexels", "pixabay", "ap photo", "reuters"),
)
_NOTICE_HINTS = (
    *("rights reserved", "this ", "cookie", "newsletter", "privacy", "terms ", "inbox", "blocker", "browser"),
    *("javascript", "free article", "subscri", "notification", "commission", "comment", "mail", "@", "our "),
)
BYLINE = re.compile(
    r"\(?(?:additional )?(?:(?:words|text|story|interview|written|reported|reporting|edited|editing|translated|compiled"
    r"|posted|produced) )?by:?\s+(?P<who>\S.{0,150})$|(?:authors?|writer|reporter|editor):\s*(?P<named>\S.{0,100})$",
    re.IGNORECASE,
)
_POSITION = re.compile(r",\s+[a-z][\w -]* (?:at|of) [A-Z]")
_NEWSROOM_JOB = re.compile(
    r"\b(?:editor|correspondent|reporter|staff|desk|writer|columnist|contributor|analyst)s?\b", re.IGNORECASE
)
LABEL = re.compile(
    r"(?:(?:press|news|media) release|for immediate release|breaking(?: news)?|exclusive|opinion|analysis|comment"
    r"|interview|feature|advertisement|sponsored(?: content)?|summary|ends|###)[:.!]?$",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(?:(?:sign (?:up|in)|log in|subscribe|register)(?: (?:to|for|now|today|here|with)\b|[:.!]?$)|follow us\b"
    r"|follow .{1,40} on (?:twitter|x|facebook|linkedin|instagram|google)\b|share (?:this|on|via)\b"
    r"|read (?:more|next|also|the (?:full|original|rest))\b|(?:see also|also read|related)\s*:|click here\b"
    r"|download (?:our|the) app\b|join (?:our|us)\b|get (?:our|the latest|unlimited)\b|support (?:our|independent)\b"
    r"|become a (?:member|subscriber)|already a (?:subscriber|member)|skip to\b|back to top|jump to\b"
    r"|listen to this|copy link|(?:print|email|save|bookmark|report) this\b|sponsored by\b|continue reading\b"
    r"|(?:story|article) continues\b|(?:load|show) more\b|(?:view|see) all\b|(?:please )?enable javascript"
    r"|accept (?:all|cookies)|manage (?:cookies|preferences|consent)|leave a (?:comment|reply)"
    r"|(?:tags?|topics?|filed under|categor(?:y|ies)|keywords):|©|\(c\) |copyright\b|our standards:|advertisement\b)",
    re.IGNORECASE,
)
_SITE_TALK = re.compile(
    r"cookies?\b|newsletters?\b|privacy (?:policy|notice)|terms (?:of (?:use|service)|and conditions)|inbox\b"
    r"|ad ?blocker|your browser|javascript|free articles?|your subscription|unsubscribe|notifications\b"
    r"|earn an? (?:affiliate )?commission|your e-?mail address|comments? below"
    r"|(?:e-?mail|write to|contact|call) \S*\s?\S+@\S+"
    r"|our (?:web)?(?:site|app|podcast|journalism|standards|partners)\b",
    re.IGNORECASE,
)
_READER_OR_SITE = re.compile(r"\b(?:we|us|our|you|your)\b", re.IGNORECASE)
_QUOTE = re.compile(r"[\"“”]")
_ABOUT_PAGE = re.compile(
    r"all rights reserved|this (?:article|story|post|content|page) (?:is|was|has been|first|originally)\b.{0,40}"
    r"\b(?:published|appeared|summary|syndicated|translated|updated|sponsored|produced|generated|adapted|republished)\b",
    re.IGNORECASE,
)
_OTHER_STORIES = re.compile(
    r"(?:(?:related|top|latest|popular|recommended|suggested|trending|other|featured)"
    r"(?: (?:news|stor(?:y|ies)|articles?|posts?|topics?|videos?|read(?:s|ing)?|coverage|content|links?|now|today"
    r"|for you))*"
    r"(?: (?:from|in|on)(?: [^\s.:]+){1,3})?"
    r"|(?:read (?:more|next|also)|also read|more (?:from|on|in|stories|news|coverage|like this)"
    r"|most (?:read|popular|viewed)"
    r"|you (?:may|might) also|what to read next|(?:editor|staff)(?:.?s.?)? picks|in other news|don.?t miss|up next"
    r"|further reading|see also|keep reading|in case you missed)(?: [^\s.:]+){0,3})\s*:?$",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_MENU_BAR = re.compile(r"[^.!?]{0,80}[^\s.!?](?:\s*[|›»·>]\s*[^|›»·>]{1,60}){2,}$")
_LINK = r"(?:(?:https?://|www\.|[#@])\S+|\S+@\S+\.\w+)"
_LINK_LINE = re.compile(rf"{_LINK}(?:\s+{_LINK})*$")


class Chrome(Enum):
    """What a line of page furniture is, as far as that says something of the lines beside it."""

    FURNITURE = auto()
    SIGNATURE = auto()  # byline or stamp: stands between a headline and its article
    OTHER_STORIES = auto()  # heading of a list of headlines


def find_chrome(line: str) -> Chrome | None:
    """What kind of page furniture the stock phrases of a line show; None where they show none."""
    if is_byline(line) or _is_stamp(line) or _is_signature(line):
        return Chrome.SIGNATURE
    if _OTHER_STORIES.match(line):
        return Chrome.OTHER_STORIES
    if _MENU_BAR.match(line) or _PROMPT.match(line) or LABEL.match(line) or _LINK_LINE.match(line):
        return Chrome.FURNITURE
    return Chrome.FURNITURE if _is_notice(line) else None


def _is_notice(line: str) -> bool:
    """Whether a sentence speaks of the page or the site to its reader."""
    lowered = line.lower()
    if not any(hint in lowered for hint in _NOTICE_HINTS):
        return False
    speaks = _SITE_TALK.search(line) and _READER_OR_SITE.search(line) and not _QUOTE.search(line)
    return bool(speaks or _ABOUT_PAGE.search(line))


def find_credit(text: str, span: Span) -> int:
    """Where the credit of a picture or source at the end of a span starts; `span.end` when there is none."""
    cut = max(span.start, span.end - CREDIT_CHARS)
    tail = text[cut : span.end]
    lowered = tail.lower()
    if not any(hint in lowered for hint in _CREDIT_HINTS):
        return span.end
    credit = _CREDIT.search(tail)
    if credit is None or not is_names(credit["who"]):
        credit = _AGENCY.search(tail)
    return span.end if credit is None or (cut > span.start and credit.start() == 0) else cut + credit.start()


def is_names(text: str) -> bool:
    """Whether nearly all words are capitalised, as in a list of people and outlets."""
    words = [word for word in WORD.findall(text) if word.lower() not in NAME_LINKS]
    return bool(words) and sum(not word[0].islower() for word in words) >= NAME_SHARE * len(words)


def is_byline(line: str) -> bool:
    """Whether a line says who wrote, reported, edited or translated, and nothing else."""
    match = BYLINE.match(line)
    if match is None or line.endswith((".", "!", "?")):
        return False
    who = match["who"] or match["named"]
    if _NEWSROOM_JOB.search(who):
        return is_names(who) or len(WORD.findall(who)) <= MAX_NAME_WORDS
    # "by NAME, partner at FIRM" states a position; "By Accident: A Story" is a headline
    return is_names(who) and _POSITION.search(who) is None and (":" not in who or line.endswith(")"))


def count_title_words(words: Sequence[str]) -> tuple[int, int]:
    """How many of the words after the first are content words, and how many of those are capitalised."""
    content = [word for word in words[1:] if word.lower() not in FUNCTION_WORDS and word[0].isalpha()]
    return len(content), sum(word[0].isupper() for word in content)


def _is_stamp(line: str) -> bool:
    """Whether a line holds nothing but a date, a time, a reading time or counts of reactions."""
    if line.endswith(".") or _DIGIT.search(line) is None:
        return False
    return set(re.findall(r"[^\W\d_]+", line.lower())) <= STAMP_WORDS


def _is_signature(line: str) -> bool:
    """Whether a line is a name with a newsroom job or an outlet: `NAME, Health Editor`, `NAME | OUTLET`."""
    name, mark, rest = line.partition(" | ") if " | " in line else line.partition(", ")
    if not mark or line.endswith((".", "!", "?")) or len(WORD.findall(line)) > MAX_SIGNATURE_WORDS:
        return False
    is_person = 2 <= len(WORD.findall(name)) <= MAX_NAME_WORDS and is_names(name)
    return is_person and (mark == " | " or _NEWSROOM_JOB.search(rest) is not None)
