"""Requests and Accept headers, without a server."""

from __future__ import annotations

import pytest

from api.protocol import (
    FORM,
    GRAPH_MEDIA,
    QUERY,
    SOLUTION_MEDIA,
    UPDATE,
    RequestError,
    negotiate,
    parse_get,
    parse_post,
)
from kg.updates import UpdateRequest

ROWS, GRAPHS = list(SOLUTION_MEDIA), list(GRAPH_MEDIA)


@pytest.mark.parametrize(
    ("accept", "offers", "expected"),
    [
        (None, ROWS, "application/sparql-results+json"),
        ("", ROWS, "application/sparql-results+json"),
        ("*/*", ROWS, "application/sparql-results+json"),
        ("*/*", GRAPHS, "text/turtle"),
        ("text/csv", ROWS, "text/csv"),
        ("TEXT/CSV; charset=utf-8", ROWS, "text/csv"),
        ("application/sparql-results+xml, application/rdf+xml", ROWS, "application/sparql-results+xml"),
        ("application/sparql-results+xml, application/rdf+xml", GRAPHS, "application/rdf+xml"),
        ("text/csv;q=0.3, application/sparql-results+xml;q=0.7, */*;q=0.1", ROWS, "application/sparql-results+xml"),
        ("*/*, application/sparql-results+json;q=0", ROWS, "application/json"),
        ("text/*;q=0.5", ROWS, "text/xml"),
        ("application/turtle,text/turtle", GRAPHS, "text/turtle"),
        ("application/sparql-results+json,application/json,text/javascript", ROWS, "application/sparql-results+json"),
        ("image/png", ROWS, None),
        ("text/csv;q=0", ROWS, None),
        ("text/csv;q=what", ROWS, None),
        ("application/n-quads,application/trig;q=0.9", GRAPHS, "application/n-quads"),
    ],
)
def test_negotiate_header_gives_the_offer_it_likes_best(
    accept: str | None, offers: list[str], expected: str | None
) -> None:
    assert negotiate(accept, offers) == expected


def test_parse_get_query_and_dataset_are_read() -> None:
    request = parse_get(
        b"query=ASK%20%7B%7D&default-graph-uri=http%3A%2F%2Fa&named-graph-uri=b&format=json&default-graph-uri=c"
    )
    assert request is not None
    assert (request.query, request.default_graphs, request.named_graphs) == ("ASK {}", ("http://a", "c"), ("b",))


def test_parse_get_without_query_asks_for_nothing() -> None:
    assert parse_get(b"format=json") is None


@pytest.mark.parametrize(
    "query_string",
    [b"query=ASK+%7B%7D&query=ASK+%7B%7D", b"update=CLEAR+ALL", b"query=%ff", b"query=\xff", b"a&" * 2_000],
)
def test_parse_get_bad_parameters_are_a_bad_request(query_string: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_get(query_string)
    assert caught.value.status == 400


def test_parse_post_direct_query_takes_its_dataset_from_the_address() -> None:
    request = parse_post(b"default-graph-uri=http://a", f"{QUERY}; charset=UTF-8", "ASK { ?s ?p 'ä' }".encode())
    assert (request.query, request.default_graphs) == ("ASK { ?s ?p 'ä' }", ("http://a",))


def test_parse_post_form_query_takes_its_dataset_from_both() -> None:
    request = parse_post(b"default-graph-uri=http://a", FORM, b"query=ASK+%7B%7D&named-graph-uri=b")
    assert (request.query, request.default_graphs, request.named_graphs) == ("ASK {}", ("http://a",), ("b",))


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", b"ASK {}", 415),
        ("", b"ASK {}", 415),
        ("", b"query=ASK+%7B%7D", 415),
        (f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16"), 415),
        (QUERY, b"ASK { ?s ?p '\xff' }", 400),
        (FORM, b"query=%ff", 400),
        (FORM, b"", 400),
        (FORM, b"query=ASK&query=ASK", 400),
    ],
)
def test_parse_post_bad_body_is_refused(content_type: str, body: bytes, status: int) -> None:
    with pytest.raises(RequestError) as caught:
        parse_post(b"", content_type, body)
    assert caught.value.status == status


def test_parse_post_query_in_address_and_body_is_refused() -> None:
    with pytest.raises(RequestError, match="send one"):
        parse_post(b"query=ASK", QUERY, b"ASK {}")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"update=CLEAR+ALL&using-graph-uri=g:1"),
        (UPDATE, b"CLEAR ALL"),
        (f"{UPDATE}; charset=UTF-8", b"CLEAR ALL"),
    ],
)
def test_parse_post_update_has_its_dataset(content_type: str, body: bytes) -> None:
    asked = parse_post(b"using-graph-uri=g:1&using-named-graph-uri=g:2", content_type, body)
    form = ("g:1",) if content_type == FORM else ()
    assert asked == UpdateRequest("CLEAR ALL", ("g:1", *form), ("g:2",))


@pytest.mark.parametrize(
    ("query_string", "content_type", "body"),
    [
        (b"", FORM, b"update=CLEAR+ALL&update=CLEAR+ALL"),
        (b"", FORM, b"update=CLEAR+ALL&query=ASK{}"),
        (b"update=CLEAR+ALL", UPDATE, b"CLEAR ALL"),
        (b"", UPDATE, b"\xff"),
    ],
)
def test_parse_post_two_updates_or_no_text_is_refused(query_string: bytes, content_type: str, body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_post(query_string, content_type, body)
    assert caught.value.status == 400
