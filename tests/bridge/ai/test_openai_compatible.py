"""Any OpenAI-compatible server: what is sent, what is understood, and what each failure means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import requests

from bridge.ai.client import Unusable, model
from bridge.ai.openai_compatible import OpenAICompatible
from bridge.deadline import Deadline
from bridge.errors import AskHuman, TryLater
from bridge.settings import Settings
from connectors.simulators import openai as simulated
from connectors.simulators.openai import KEY, Simulator
from tests.bridge.ai.questions import GOOD, PROMPT


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with simulated.start() as running:
        yield running


@pytest.fixture
def made(simulator: Simulator, settings: Settings) -> OpenAICompatible:
    return OpenAICompatible(replace(settings, model_url=simulator.url + "/v1", model_key=KEY, model_name="sim"))


def plan(simulator: Simulator, **planned: Any) -> None:
    requests.post(simulator.url + "/_sim/answers", json=planned, timeout=5).raise_for_status()


def calls(simulator: Simulator) -> list[dict[str, Any]]:
    return list(requests.get(simulator.url + "/_sim/ledger", timeout=5).json()["requests"])


def test_an_answer_comes_back_in_the_agreed_form_with_what_it_cost(
    made: OpenAICompatible, simulator: Simulator
) -> None:
    plan(simulator, kind="json", value=GOOD)
    answer = made.ask(PROMPT, Deadline(10))
    assert answer.values == GOOD
    assert answer.model == "sim"
    assert answer.tokens.read > 0 and answer.tokens.written > 0


@pytest.mark.parametrize(
    ("planned", "sentence"),
    [
        ({"kind": "refusal", "value": "No."}, "refused"),
        ({"kind": "content_filter"}, "refused"),
        ({"kind": "length"}, "cut off"),
        ({"kind": "empty"}, ""),
        ({"kind": "content", "value": "Sure! Here it is"}, "not JSON"),
        ({"kind": "json", "value": {**GOOD, "title": "x" * 41}}, "agreed form: title"),
        ({"kind": "json", "value": {**GOOD, "tone": "hot"}}, "agreed form: tone"),
        ({"kind": "json", "value": [1]}, "agreed form"),
        ({"kind": "html"}, "no answer"),
    ],
)
def test_an_answer_that_is_none_is_unusable_and_asked_for_once(
    made: OpenAICompatible, simulator: Simulator, planned: dict[str, Any], sentence: str
) -> None:
    plan(simulator, **planned)
    with pytest.raises(Unusable, match=sentence) as told:
        made.ask(PROMPT, Deadline(10))
    assert "Kettle" not in str(told.value) and "Sure" not in str(told.value)
    assert len(calls(simulator)) == 1


@pytest.mark.parametrize(
    ("planned", "error", "counts"),
    [
        ({"kind": "quota"}, TryLater, False),
        ({"kind": "429", "retry_after": 60}, TryLater, False),
        ({"kind": "500", "times": 9}, TryLater, True),
        ({"kind": "cut", "times": 9}, TryLater, False),
    ],
)
def test_each_failure_says_what_to_do_next(
    made: OpenAICompatible, simulator: Simulator, planned: dict[str, Any], error: type[Exception], counts: bool
) -> None:
    plan(simulator, **planned)
    with pytest.raises(error) as told:
        made.ask(PROMPT, Deadline(8))
    assert isinstance(told.value, TryLater) and told.value.counts is counts
    assert told.value.after >= 20


def test_a_short_wait_is_waited_for_within_the_call(made: OpenAICompatible, simulator: Simulator) -> None:
    plan(simulator, kind="429", retry_after=0.1)
    plan(simulator, kind="json", value=GOOD)
    assert made.ask(PROMPT, Deadline(20)).values == GOOD


def test_a_wrong_key_or_model_needs_a_person(made: OpenAICompatible, simulator: Simulator, settings: Settings) -> None:
    for wrong, name in (({"model_key": "wrong"}, "MODEL_KEY"), ({"model_name": "other"}, "MODEL_NAME")):
        given = {"model_url": simulator.url + "/v1", "model_key": KEY, "model_name": "sim", **wrong}
        with pytest.raises(AskHuman, match=name):
            OpenAICompatible(replace(settings, **given)).ask(PROMPT, Deadline(10))


def test_a_slow_answer_ends_at_the_limit_and_counts(simulator: Simulator, settings: Settings) -> None:
    plan(simulator, kind="slow", seconds=3)
    slow = OpenAICompatible(
        replace(settings, model_url=simulator.url + "/v1", model_key=KEY, model_name="sim", model_seconds=0.3)
    )
    with pytest.raises(TryLater) as told:
        slow.ask(PROMPT, Deadline(10))
    assert told.value.counts


def test_no_model_name_means_no_model(settings: Settings) -> None:
    assert model(settings) is None


# --- what travels, seen by the SDK's own transport ------------------------------------------------------------------


def completion(content: str = json.dumps(GOOD), usage: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
    }  # fmt: skip


def behind(settings: Settings, handler: Callable[[dict[str, Any]], httpx2.Response]) -> OpenAICompatible:
    """A model whose server is a function."""
    made = OpenAICompatible(replace(settings, model_url="http://model.internal/v1", model_key="k", model_name="m"))
    transport = httpx2.MockTransport(lambda request: handler(json.loads(request.content)))
    made._client = made._client.with_options(http_client=httpx2.Client(transport=transport))
    return made


def test_nothing_is_stored_with_the_provider_and_the_form_is_enforced(settings: Settings) -> None:
    seen: list[dict[str, Any]] = []

    def server(body: dict[str, Any]) -> httpx2.Response:
        seen.append(body)
        return httpx2.Response(
            200, json=completion(usage={"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13})
        )

    answer = behind(settings, server).ask(PROMPT, Deadline(10))
    (body,) = seen
    assert body["store"] is False
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["max_completion_tokens"] == 500
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "stream" not in body and "user" not in body
    assert (answer.tokens.read, answer.tokens.written) == (9, 4)


def test_what_a_server_does_not_know_is_left_out_from_then_on(settings: Settings) -> None:
    seen: list[dict[str, Any]] = []

    def server(body: dict[str, Any]) -> httpx2.Response:
        seen.append(body)
        for name in ("max_completion_tokens",):
            if name in body:
                error = {"message": f"Unknown parameter: {name}", "type": "invalid_request_error", "param": name}
                return httpx2.Response(400, json={"error": {**error, "code": "unknown_parameter"}})
        return httpx2.Response(200, json=completion())

    made = behind(settings, server)
    assert made.ask(PROMPT, Deadline(10)).values == GOOD
    assert made.ask(PROMPT, Deadline(10)).values == GOOD
    assert len(seen) == 3
    assert seen[-1]["max_tokens"] == 500 and "max_completion_tokens" not in seen[-1]


def test_a_request_the_server_refuses_for_good_is_sent_once(settings: Settings) -> None:
    seen: list[dict[str, Any]] = []

    def server(body: dict[str, Any]) -> httpx2.Response:
        seen.append(body)
        return httpx2.Response(400, json={"error": {"message": "Kettle is not allowed", "param": "messages"}})

    with pytest.raises(AskHuman) as told:
        behind(settings, server).ask(PROMPT, Deadline(10))
    assert len(seen) == 1 and "Kettle" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "free"),
    [
        ("", False),
        ("https://api.openai.com/v1", False),
        ("https://openrouter.ai/api/v1", False),
        ("https://shop.openai.azure.com/openai/v1", False),
        ("https://8.8.8.8/v1", False),
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://192.168.1.20/v1", True),
        ("http://llm:8000/v1", True),
        ("http://llm.internal/v1", True),
    ],
)
def test_only_servers_of_the_shops_own_cost_nothing(settings: Settings, url: str, free: bool) -> None:
    assert OpenAICompatible(replace(settings, model_url=url, model_key="k", model_name="m")).free is free
