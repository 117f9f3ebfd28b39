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
from starlette.requests import ClientDisconnect

from api.access_log import AccessLog, log_to
from api.compression import Compression
from api.corrections import router as corrections_router
from api.documents import resume_waiting
from api.documents import router as documents_router
from api.explore import router as explore_router
from api.explorer_page import router as explorer_page_router
from api.graph_store import router as graph_store_router
from api.job_queue import JobQueue
from api.linked_data import router as linked_data_router
from api.metrics import Metrics
from api.metrics import router as metrics_router
from api.openapi import METHODS, DescribedApp, allowed_methods
from api.overview_maker import OverviewMaker
from api.queries import AnswerCache, add_query_route
from api.rate_limit import RateLimit
from api.responses import Problem, problem, status_problem
from api.routes import router
from api.slow_clients import protocol_of
from api.snapshot_cache import SnapshotCache
from api.updates import Writers
from api.web_files import router as web_files_router
from api.worker import QueryPool
from kg import __version__
from kg.errors import KgError
from kg.settings import Settings
from kg.writing import begin_store

EXPOSED_HEADERS = ("Allow", "Content-Disposition", "Link", "Location", "Retry-After", "WWW-Authenticate")
"""What a script of another site may read of an answer, beside what it always may."""


def create_app(settings: Settings) -> FastAPI:
    """The application. Its workers live from startup to shutdown; startup raises StoreError when there is no graph.

    `/docs` is our own page: FastAPI's would load its scripts from a CDN.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.queue = JobQueue(settings)
        if settings.token:
            begin_store(settings)
        app.state.writers = Writers(settings)
        app.state.pool = QueryPool(settings)
        app.state.cache = SnapshotCache(app.state.pool)
        app.state.overviews = OverviewMaker(settings)
        app.state.answers = AnswerCache(settings.answer_cache_bytes)
        await app.state.pool.start()
        resume_waiting(app)
        app.state.overviews.start()
        try:
            yield
        finally:
            await app.state.overviews.close()
            await app.state.queue.close()
            app.state.cache.close()
            await app.state.pool.close()

    app = DescribedApp(
        title="Tracegraph",
        version=__version__,
        description="A knowledge graph in which every edge cites its sentence.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={429: {"model": Problem}},
    )
    app.state.settings, app.state.metrics = settings, Metrics()
    app.include_router(router)
    app.include_router(linked_data_router)
    app.include_router(metrics_router)
    app.include_router(corrections_router)
    app.include_router(documents_router)
    app.include_router(graph_store_router)
    app.include_router(explore_router)
    app.include_router(explorer_page_router)
    app.include_router(web_files_router)
    add_query_route(app)
    app.add_middleware(Compression)
    app.add_middleware(RateLimit, settings=settings)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=METHODS,
        allow_headers=["*"],
        expose_headers=EXPOSED_HEADERS,
    )
    app.add_middleware(AccessLog, metrics=app.state.metrics)  # the last is the outermost: it sees every answer
    _handle_errors(app)
    return app


def run_server(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until SIGINT or SIGTERM; then take no more requests, let answers under way end, and end all workers.

    An answer that takes longer than `settings.shutdown_timeout_s` is broken off.
    """
    log_to(settings.access_log)
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        access_log=False,
        http=protocol_of(settings),
        limit_concurrency=settings.max_connections,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(KgError)
    async def on_error(_: Request, error: KgError) -> Response:
        return problem(error)

    @app.exception_handler(Exception)
    async def on_bug(_: Request, __: Exception) -> Response:
        return status_problem(500, "the server failed; its log says how")

    @app.exception_handler(HTTPException)
    async def on_refusal(request: Request, error: HTTPException) -> Response:
        response = status_problem(error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = allowed_methods(app, request.scope)
        return response

    @app.exception_handler(ClientDisconnect)
    async def on_leaving(_: Request, __: ClientDisconnect) -> Response:
        return status_problem(400, "the client left before its request was whole")  # for the log; nobody reads it

    @app.exception_handler(RequestValidationError)
    async def on_bad_parameter(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return status_problem(400, f"parameter {first['loc'][-1]}: {first['msg']}")
