"""A router's routes that only read: GET, and HEAD without a second entry in the documentation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

Route = Callable[..., Awaitable[Response]]


def reading(router: APIRouter) -> Callable[..., Callable[[Route], Route]]:
    """The decorator by which a function becomes such a route: a path, then options as FastAPI takes them."""

    def read(path: str, **options: Any) -> Callable[[Route], Route]:
        def register(route: Route) -> Route:
            router.add_api_route(path, route, methods=["HEAD"], include_in_schema=False)
            router.add_api_route(path, route, methods=["GET"], **options)
            return route

        return register

    return read
