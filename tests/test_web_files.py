"""The built scripts: only their own names are answered, and no name is an error of the server."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.web_files import get_web_file


async def get(name: str) -> Response:
    return await get_web_file(name)


@pytest.mark.parametrize("name", [f"{'a' * 300}.js", "..", "..js", ".part.js", "query.ts", "a\0.js", "a/b.js", "ä.js"])
def test_get_web_file_that_is_none_is_404(name: str) -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(get(name))
    assert refused.value.status_code == 404
