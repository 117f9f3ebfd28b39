"""The server: `create_app` puts routes, workers and errors together; `run_server` serves until it is told to stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.responses import problem, status_problem
from api.routes import router
from api.worker import QueryPool
from kg import __version__
from kg.errors import KgError
from kg.settings import Settings

SHUTDOWN_S = 5
"""Requests under way at a shutdown may take so long to end, seconds."""


def create_app(settings: Settings) -> FastAPI:
    """The application. Its workers live from startup to shutdown; startup raises StoreError when there is no graph.

    `/docs` is our own page: FastAPI's would load its scripts from a CDN.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = QueryPool(settings)
        await app.state.pool.start()
        try:
            yield
        finally:
            await app.state.pool.close()

    app = FastAPI(
        title="Tracegraph",
        version=__version__,
        description="A knowledge graph in which every edge cites its sentence.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.include_router(router)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD", "POST"], allow_headers=["*"])
    _handle_errors(app)
    return app


def run_server(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until SIGINT or SIGTERM, then end all workers."""
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(KgError)
    async def on_error(_: Request, error: KgError) -> Response:
        return problem(error)

    @app.exception_handler(Exception)
    async def on_bug(_: Request, __: Exception) -> Response:
        return status_problem(500, "the server failed; its log says how")

    @app.exception_handler(HTTPException)
    async def on_refusal(_: Request, error: HTTPException) -> Response:
        response = status_problem(error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def on_bad_parameter(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return status_problem(400, f"parameter {first['loc'][-1]}: {first['msg']}")
