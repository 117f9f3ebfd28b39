"""How much one client may ask."""

from __future__ import annotations

from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from api.rate_limit import MAX_CLIENTS, RateLimit, client_of
from kg.settings import Settings
from kg.store import write_store
from tests.test_api import serving

FAR = ("192.0.2.7", 5000)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def no_app(*_: object) -> None:
    """Never called: the tests of the bucket take from it directly."""


def limit(clock: Clock, per_minute: int, **settings: int) -> RateLimit:
    return RateLimit(no_app, Settings(requests_per_minute=per_minute, **settings), clock)


def test_take_more_than_a_bucket_holds_is_refused_until_it_fills() -> None:
    clock = Clock()
    bucket = limit(clock, 60)
    assert [bucket.take(FAR) for _ in range(60)] == [0.0] * 60
    assert bucket.take(FAR) == pytest.approx(1.0)
    clock.now += 1.0
    assert bucket.take(FAR) == 0.0
    assert bucket.take(FAR) > 0


def test_take_each_client_has_its_own_bucket() -> None:
    bucket = limit(Clock(), 1)
    assert bucket.take(FAR) == 0.0
    assert bucket.take(("192.0.2.8", 5000)) == 0.0
    assert bucket.take(("192.0.2.7", 6000)) > 0


def test_take_addresses_of_one_ipv6_network_are_one_client() -> None:
    bucket = limit(Clock(), 1)
    assert bucket.take(("2001:db8:0:1::1", 5000)) == 0.0
    assert bucket.take(("2001:db8:0:1:ffff::2", 5000)) > 0
    assert bucket.take(("2001:db8:0:2::1", 5000)) == 0.0


@pytest.mark.parametrize("peer", [("127.0.0.1", 1), ("127.9.9.9", 1), ("::1", 1), ("::ffff:127.0.0.1", 1), None])
def test_take_on_this_machine_has_no_limit_by_default(peer: tuple[str, int] | None) -> None:
    bucket = limit(Clock(), 1)
    assert [bucket.take(peer) for _ in range(5)] == [0.0] * 5
    assert limit(Clock(), 1, loopback_requests_per_minute=1).take(peer) == 0.0


def test_take_zero_is_no_limit() -> None:
    bucket = limit(Clock(), 0)
    assert [bucket.take(FAR) for _ in range(1000)] == [0.0] * 1000


def test_take_of_very_many_clients_forgets_the_oldest() -> None:
    bucket = limit(Clock(), 1)
    for number in range(MAX_CLIENTS + 10):
        bucket.take((f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1))
    assert len(bucket._buckets) == MAX_CLIENTS


def test_client_of_what_is_no_address_is_this_machine() -> None:
    assert client_of(("/run/socket", 0)) is None


def test_server_refuses_with_429_and_says_when_to_come_back(tmp_path: Path) -> None:
    with write_store(tmp_path / "store") as writer:
        writer.publish([ox.Quad(ox.NamedNode("e:a"), ox.NamedNode("e:p"), ox.Literal("v"))])
    settings = Settings(store=str(tmp_path / "store"), loopback_requests_per_minute=3)
    with serving(settings) as address, httpx.Client(base_url=address) as client:
        statuses = [client.get("/ontology").status_code for _ in range(4)]
        refused = client.get("/sparql?query=ASK{}", headers={"Origin": "http://other.example"})
        watched = [client.get(path).status_code for path in ("/health", "/metrics")]
    assert statuses == [200, 200, 200, 429]
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["access-control-allow-origin"] == "*"
    assert watched == [200, 200]
