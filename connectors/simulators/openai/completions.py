"""The /v1 side: who asks, is the request well formed, what is the answer, what does it cost."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from connectors.simulators.openai import strictness
from connectors.simulators.openai.queue import Planned, Queue
from connectors.simulators.serving import Request, Response, answer

_ARGUMENTS = frozenset({
    "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "messages", "metadata", "model",
    "moderation", "n", "parallel_tool_calls", "presence_penalty", "prompt_cache_key", "prompt_cache_options",
    "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
    "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
})  # fmt: skip
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_PAGE = b"<!DOCTYPE html><html><body>Sign in to the guest network.</body></html>"
CACHED_FROM = 1024  # tokens of an equal prefix
_STEP = 128
_LIMITS = {
    "x_ratelimit_limit_requests": "10000",
    "x_ratelimit_remaining_requests": "9999",
    "x_ratelimit_reset_requests": "6ms",
}


class Refused(Exception):
    """An error of the API, ready to be sent."""

    def __init__(self, status: int, message: str, kind: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class Ledger:
    """Every request: what was asked, what came back, what it was charged."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def note(self, **entry: Any) -> None:
        """Add one."""
        with self._lock:
            self._entries.append({"n": len(self._entries) + 1, "at_ms": time.time_ns() // 1_000_000, **entry})

    def entries(self) -> list[dict[str, Any]]:
        """All of them, in order."""
        with self._lock:
            return list(self._entries)


class Completions:
    """Chat completions and the list of models."""

    def __init__(
        self, queue: Queue, answering: Callable[[dict[str, Any]], Any], key: str, models: tuple[str, ...]
    ) -> None:
        self.ledger = Ledger()
        self._queue = queue
        self._answering = answering
        self._key = key
        self._models = models
        self._seen: set[str] = set()
        self._numbers = itertools.count(1)

    def serve(self, request: Request) -> Response:
        """Answer one request to /v1."""
        body: Any = None
        try:
            self._admit(request)
            if request.method == "GET" and request.path.startswith("/v1/models"):
                return self._list(request.path)
            if (request.method, request.path) != ("POST", "/v1/chat/completions"):
                raise Refused(404, f"Invalid URL ({request.method} {request.path})", "invalid_request_error")
            body = self._read(request)
            return self._complete(body)
        except Refused as refused:
            self.ledger.note(request=body, status=refused.status, error=refused.body["error"]["code"] or str(refused))
            return answer(refused.body, refused.status)

    def _admit(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            message = "You didn't provide an API key. You need to provide your API key in an Authorization header."
            raise Refused(401, message, "invalid_request_error")
        if given != f"Bearer {self._key}":
            raise Refused(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key")

    def _list(self, path: str) -> Response:
        models = [
            {"id": name, "object": "model", "created": 1_780_000_000, "owned_by": "sim", "shutdown_date": None}
            for name in self._models
        ]
        name = path.removeprefix("/v1/models").strip("/")
        if not name:
            return answer({"object": "list", "data": models})
        found = next((model for model in models if model["id"] == name), None)
        if found is None:
            raise _no_model(name)
        return answer(found)

    def _read(self, request: Request) -> dict[str, Any]:
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "We could not parse the JSON body of your request.", "invalid_request_error")
        _check(body)
        if body["model"] not in self._models:
            raise _no_model(str(body["model"]))
        return body

    def _complete(self, body: dict[str, Any]) -> Response:
        prompt = json.dumps(body["messages"], ensure_ascii=False)
        planned = self._queue.next(prompt)
        kind = planned.kind if planned else "default"
        if planned and (early := _early(planned)):
            self.ledger.note(request=body, status=0 if early.cut else early.status, kind=kind)
            return early
        message, finish = self._message(body, planned)
        usage = self._usage(body, message)
        limit = body.get("max_completion_tokens")
        if limit is not None and usage["completion_tokens"] > limit:
            message["content"], finish = str(message["content"])[: int(limit) * 4], "length"
            usage = self._usage(body, message)
        self.ledger.note(request=body, status=200, kind=kind, message=message, finish_reason=finish, usage=usage)
        return answer(self._completion(body, message, finish, usage), 200, **_LIMITS)

    def _message(self, body: dict[str, Any], planned: Planned | None) -> tuple[dict[str, Any], str]:
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
        kind = planned.kind if planned else "default"
        if kind == "refusal":
            said = planned.value if planned and planned.value else "I can't help with that."
            return {**message, "refusal": said}, "stop"
        if kind == "content_filter":
            return {**message, "content": ""}, "content_filter"
        return {**message, "content": self._content(body, planned, kind)}, "length" if kind == "length" else "stop"

    def _content(self, body: dict[str, Any], planned: Planned | None, kind: str) -> str:
        if kind == "empty":
            return ""
        if planned and kind == "content":
            return str(planned.value)
        if planned and kind == "off_schema":
            return json.dumps({"unexpected": True} if planned.value is None else planned.value)
        value = planned.value if planned and kind == "json" and planned.value is not None else self._answering(body)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return text[: len(text) // 2] if kind == "length" else text

    def _usage(self, body: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        prefix = "".join(str(each.get("content")) for each in body["messages"] if each.get("role") != "user")
        cached = _tokens(prefix) // _STEP * _STEP if prefix in self._seen and _tokens(prefix) >= CACHED_FROM else 0
        self._seen.add(prefix)
        read = sum(_tokens(str(each.get("content"))) + 4 for each in body["messages"])
        written = _tokens(str(message["content"] or message["refusal"] or ""))
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }

    def _completion(
        self, body: dict[str, Any], message: dict[str, Any], finish: str, usage: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-sim{next(self._numbers)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": usage,
            "service_tier": "default",
        }


def _check(body: dict[str, Any]) -> None:
    """Refuse what the API refuses."""
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. "
        raise _bad(message + "Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter")
    for name in body:
        if name not in _ARGUMENTS:
            raise _bad(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    for name in ("model", "messages"):
        if not body.get(name):
            raise _bad(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if body.get("reasoning_effort", "none") != "none" and "temperature" in body:
        raise _bad("Unsupported parameter: 'temperature'.", "temperature", "unsupported_parameter")
    _check_messages(body["messages"])
    _check_format(body.get("response_format"))


def _check_messages(messages: Any) -> None:
    for n, message in enumerate(messages if isinstance(messages, list) else [None]):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise _bad(f"Invalid value for 'messages[{n}].role'.", f"messages[{n}].role", "invalid_value")


def _check_format(wanted: Any) -> None:
    if wanted is None or wanted.get("type") != "json_schema":
        return
    shape = wanted.get("json_schema") or {}
    if not shape.get("name"):
        param = "response_format.json_schema.name"
        raise _bad(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")
    if shape.get("strict") and (why := strictness.objection(shape["name"], shape.get("schema"))):
        raise _bad(why, "response_format", None)


def _bad(message: str, param: str, code: str | None) -> Refused:
    return Refused(400, message, "invalid_request_error", code, param)


def _no_model(name: str) -> Refused:
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Refused(404, message, "invalid_request_error", "model_not_found")


def _early(planned: Planned) -> Response | None:
    """Answers that are no completion; slowness is only time."""
    if planned.kind == "slow":
        time.sleep(planned.seconds)
    elif planned.kind == "cut":
        return Response(cut=True)
    elif planned.kind == "html":
        return Response(200, _PAGE, {"Content-Type": "text/html"})
    elif planned.kind == "quota":
        message = "You exceeded your current quota, please check your plan and billing details."
        return answer(Refused(429, message, "insufficient_quota", "insufficient_quota").body, 429)
    elif planned.kind == "429":
        refused = Refused(429, "Rate limit reached for requests.", "requests", "rate_limit_exceeded")
        return answer(refused.body, 429, retry_after=f"{planned.retry_after:g}")
    elif planned.kind in ("500", "503"):
        refused = Refused(int(planned.kind), "The server had an error while processing your request.", "server_error")
        return answer(refused.body, refused.status)
    return None


def _tokens(text: str) -> int:
    """About four characters a token, never none for some text."""
    return (len(text) + 3) // 4
