"""How much one client may ask: a bucket of requests each, which fills up again with time; when it is empty, 429.

A client is an IPv4 address, or the /64 network of an IPv6 address, which is what one household or host is given. Behind
a proxy on the same machine it is the address that the proxy forwards. `/health` and `/metrics` are never refused.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from api.responses import status_problem
from kg.settings import Settings

MAX_CLIENTS = 100_000
"""Buckets held at one time, the least recently used given up first: about 20 MB."""

IPV6_CLIENT_BITS = 64
EXEMPT = frozenset({"/health", "/metrics"})

Client = ipaddress.IPv4Address | ipaddress.IPv6Network | None


class RateLimit:
    """ASGI middleware that answers 429, with Retry-After, to a client that asks more than the settings allow."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._clock = app, clock
        self._far, self._near = settings.requests_per_minute, settings.loopback_requests_per_minute
        self._buckets: OrderedDict[Client, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in EXEMPT and (wait_s := self.take(scope.get("client"))) > 0:
            response = status_problem(429, f"too many requests: try again in {math.ceil(wait_s)} s")
            response.headers["Retry-After"] = str(math.ceil(wait_s))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def take(self, peer: tuple[str, int] | None) -> float:
        """Take one request from the peer's bucket: 0 when there was one, else the seconds until there will be."""
        client = client_of(peer)
        per_minute = self._near if client is None else self._far
        if per_minute == 0:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(client, (float(per_minute), now))
        left = min(float(per_minute), left + (now - then) * per_minute / 60)
        is_allowed = left >= 1
        self._buckets[client] = (left - is_allowed, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) * 60 / per_minute


def client_of(peer: tuple[str, int] | None) -> Client:
    """Whom a limit is for; None for a client on this machine.

    >>> client_of(("192.0.2.7", 5000)), client_of(("2001:db8::7", 5000)), client_of(("127.0.0.1", 5000))
    (IPv4Address('192.0.2.7'), IPv6Network('2001:db8::/64'), None)
    """
    try:
        address = ipaddress.ip_address(peer[0].partition("%")[0]) if peer else None
    except ValueError:  # a socket of this machine has a path, not an address
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address is None or address.is_loopback:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return ipaddress.IPv6Network((int(address), IPV6_CLIENT_BITS), strict=False)
    return address
