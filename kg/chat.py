"""Questions to a language model behind an address that speaks the OpenAI chat-completions protocol.

In: instructions, a text and a JSON schema. Out: the words of the answer, unread. The address, the model and the name of
the environment variable that holds the key come from the user's config; there is no default address, and the key is
kept in no file, message or log. A server that does not answer raises DocumentError: the other documents go on.
urllib3 is the client: spaCy loads it already, through requests, and it retries and waits by itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
from pydantic import BaseModel, ValidationError

from kg.errors import DocumentError, SettingsError

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Answers of a server that is busy or restarting: worth another try."""
BACKOFF = 0.5
"""Seconds; the third try waits twice as long, the fourth four times."""
MAX_ANSWER_BYTES = 10_000_000
MAX_MESSAGE = 160
"""Characters of a server's own words that an error repeats."""
ADVICE = {
    400: "it must know the model, and response_format of type json_schema",
    401: "set the variable that key_variable names to a valid key",
    403: "set the variable that key_variable names to a key that may use the model",
    404: "check base_url and model",
    413: "lower max_characters",
    422: "it must know response_format of type json_schema",
    429: "ask less at a time (--workers), or later",
}


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


class ChatServer:
    """One model at one address. Raises SettingsError when the config leaves out what it needs."""

    def __init__(
        self, base_url: str | None, model: str | None, *, key_variable: str | None, timeout_s: float, retries: int
    ) -> None:
        if not base_url or urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
            raise SettingsError(f"base_url is {base_url!r}: give an address such as http://localhost:11434/v1")
        if "@" in urlsplit(base_url).netloc:
            raise SettingsError("base_url holds a password: put it into a variable and name that in key_variable")
        if not model:
            raise SettingsError(f"model is {model!r}: give the name that {base_url} knows it by")
        self.address, self.model = f"{base_url.rstrip('/')}/chat/completions", model
        self._key = _read_key(key_variable)
        self._timeout_s, self._tries = timeout_s, retries + 1
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(timeout_s), retries=_retry(retries, timeout_s))

    def ask(self, instructions: str, text: str, schema: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
        """The words of the answer to `instructions` over `text`.

        schema: JSON schema of the answer, which the server is asked to keep to. extra: further fields of the request;
        one of None is left out, a standard one too. Raises DocumentError when there is no whole answer.
        """
        body = {
            "model": self.model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
            "temperature": 0,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "extraction", "strict": True, "schema": schema},
            },
            **extra,
        }
        status, answer = self._post({name: value for name, value in body.items() if value is not None})
        if status != 200:
            raise DocumentError(self._refused(status, answer))
        return self._content(answer)

    def _post(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        headers["User-Agent"] = "tracegraph"
        try:
            response = self._pool.request(
                "POST", self.address, json=body, headers=headers, redirect=False, preload_content=False
            )
            answer = response.read(MAX_ANSWER_BYTES + 1)
            response.release_conn()
        except urllib3.exceptions.HTTPError as err:
            raise DocumentError(self._unreached(err)) from err
        if len(answer) > MAX_ANSWER_BYTES:
            raise DocumentError(f"{self.address} answers with more than {MAX_ANSWER_BYTES:,} bytes: check base_url")
        return response.status, answer

    def _unreached(self, err: urllib3.exceptions.HTTPError) -> str:
        reason = err.reason if isinstance(err, urllib3.exceptions.MaxRetryError) else err
        if isinstance(reason, urllib3.exceptions.ReadTimeoutError):
            return f"{self.address} gave no answer in {self._timeout_s:g} s, {self._tries} times: raise timeout_s"
        return f"{self.address} cannot be reached ({type(reason).__name__}): start the server, or mend base_url"

    def _refused(self, status: int, answer: bytes) -> str:
        if status // 100 == 3:
            return f"{self.address} sends elsewhere (HTTP {status}): give the final address in base_url"
        said = " ".join(answer[: 10 * MAX_MESSAGE].decode("utf-8", "replace").split())
        said = (said.replace(self._key, "(key)") if self._key else said)[:MAX_MESSAGE]
        times = f" {self._tries} times" if status in PASSING else ""
        advice = ADVICE.get(status, "try again later")
        return f"{self.address} answers HTTP {status}{times}: {advice}; it says: {said}"

    def _content(self, answer: bytes) -> str:
        try:
            choice = _Completion.model_validate_json(answer).choices[0]
        except (ValidationError, IndexError) as err:
            raise DocumentError(f"{self.address} does not speak the chat-completions protocol: mend base_url") from err
        if choice.finish_reason == "length":
            raise DocumentError(f"{self.address} cut its answer off: lower max_characters, or let it write more")
        if not choice.message.content:
            raise DocumentError(f"{self.address} gave an empty answer: try another model")
        return choice.message.content


def _retry(retries: int, timeout_s: float) -> urllib3.Retry:
    return urllib3.Retry(
        retries,
        allowed_methods=None,
        status_forcelist=PASSING,
        backoff_factor=BACKOFF,
        raise_on_status=False,
        retry_after_max=max(1, int(timeout_s)),
    )


def _read_key(variable: str | None) -> str | None:
    """The key in an environment variable; None where the config names none, as servers on one's own machine allow."""
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise SettingsError(f"key_variable names ${variable}, which holds no key: set it, or leave key_variable out")
    return key
