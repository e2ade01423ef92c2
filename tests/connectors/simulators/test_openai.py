"""The simulated model server, reached by the real SDK and by plain HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from connectors.simulators import openai as simulated
from connectors.simulators.openai import KEY, Simulator
from connectors.simulators.openai.strictness import objection

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "desk": {"enum": ["returns", "warranty"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "score": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["title", "desk", "tags", "score"],
    "additionalProperties": False,
}
FACTS = "Name: Wool hat\nMaterial: merino\nQuestion: warranty after 2 years"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with simulated.start() as running:
        yield running


def client(simulator: Simulator, key: str = KEY) -> openai.OpenAI:
    return openai.OpenAI(api_key=key, base_url=simulator.url + "/v1", max_retries=0)


def ask(simulator: Simulator, schema: dict[str, Any] = SCHEMA, **more: Any) -> Any:
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "listing", "strict": True, "schema": schema}}
    messages: Any = [{"role": "system", "content": "Write."}, {"role": "user", "content": FACTS}]
    options = {"store": False, "reasoning_effort": "none", **more}
    return client(simulator).chat.completions.create(
        model="sim", messages=options.pop("messages", messages), response_format=wanted, **options
    )


def plan(simulator: Simulator, **planned: Any) -> None:
    response = requests.post(simulator.url + "/_sim/answers", json=planned, timeout=5)
    assert response.status_code == 201, response.text


def test_the_default_answer_fits_the_schema_and_states_what_the_prompt_says(simulator: Simulator) -> None:
    completion = ask(simulator)
    values = json.loads(completion.choices[0].message.content)
    assert values["title"] == "Wool hat"
    assert values["desk"] == "warranty"
    assert values["tags"] == ["Wool hat", "merino", "warranty after 2 years"]
    assert values["score"] == 2
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 0


def test_the_same_question_gets_the_same_answer(simulator: Simulator) -> None:
    first, second = (ask(simulator).choices[0].message.content for _ in range(2))
    assert first == second


def test_queued_answers_come_in_order_and_only_where_they_are_meant(simulator: Simulator) -> None:
    plan(simulator, value={"n": 1}, on="nobody says this")
    plan(simulator, value={"n": 2})
    assert json.loads(ask(simulator).choices[0].message.content) == {"n": 2}
    assert "title" in json.loads(ask(simulator).choices[0].message.content)


def test_a_refusal_has_no_content(simulator: Simulator) -> None:
    plan(simulator, kind="refusal", value="No.")
    message = ask(simulator).choices[0].message
    assert (message.refusal, message.content) == ("No.", None)


@pytest.mark.parametrize(("kind", "finish"), [("length", "length"), ("content_filter", "content_filter")])
def test_an_answer_can_end_early(simulator: Simulator, kind: str, finish: str) -> None:
    plan(simulator, kind=kind)
    choice = ask(simulator).choices[0]
    assert choice.finish_reason == finish
    with pytest.raises(ValueError, match=".*"):
        json.loads(choice.message.content)


def test_the_token_limit_cuts(simulator: Simulator) -> None:
    completion = ask(simulator, max_completion_tokens=3)
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens == 3


def test_empty_and_strange_content(simulator: Simulator) -> None:
    plan(simulator, kind="empty")
    plan(simulator, kind="content", value="Sure! Here you go")
    plan(simulator, kind="off_schema")
    contents = [ask(simulator).choices[0].message.content for _ in range(3)]
    assert contents == ["", "Sure! Here you go", '{"unexpected": true}']


def test_a_page_of_html_comes_as_a_string(simulator: Simulator) -> None:
    plan(simulator, kind="html")
    assert isinstance(ask(simulator), str)


def test_rate_limits_say_how_long(simulator: Simulator) -> None:
    plan(simulator, kind="429", retry_after=7)
    with pytest.raises(openai.RateLimitError) as caught:
        ask(simulator)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("kind", "error"),
    [("quota", openai.RateLimitError), ("500", openai.InternalServerError), ("cut", openai.APIConnectionError)],
)
def test_failures_arrive_as_the_sdk_names_them(simulator: Simulator, kind: str, error: type[Exception]) -> None:
    plan(simulator, kind=kind)
    with pytest.raises(error):
        ask(simulator)


def test_a_slow_answer_is_slow(simulator: Simulator) -> None:
    plan(simulator, kind="slow", seconds=0.2)
    started = time.monotonic()
    ask(simulator)
    assert time.monotonic() - started > 0.2


def test_a_wrong_key_is_refused_and_noted(simulator: Simulator) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        client(simulator, "wrong").models.list()
    assert caught.value.code == "invalid_api_key"
    assert [entry["status"] for entry in simulator.ledger.entries()] == [401]


def test_no_key_is_refused(simulator: Simulator) -> None:
    assert requests.get(simulator.url + "/v1/models", timeout=5).status_code == 401


def test_an_unknown_model_is_not_found(simulator: Simulator) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client(simulator).chat.completions.create(model="gpt-2", messages=[{"role": "user", "content": "x"}])
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize("more", [{"max_tokens": 5}, {"temperature": 0.5, "reasoning_effort": "low"}])
def test_parameters_the_model_does_not_take_are_refused_by_name(simulator: Simulator, more: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(simulator, **more)
    assert caught.value.code == "unsupported_parameter"
    assert caught.value.param in more


def test_models_are_listed(simulator: Simulator) -> None:
    assert [model.id for model in client(simulator).models.list()] == ["gpt-6-luna", "sim"]


def test_a_long_prefix_is_cached_the_second_time(simulator: Simulator) -> None:
    messages = [{"role": "system", "content": "word " * 1200}, {"role": "user", "content": FACTS}]
    cached = [ask(simulator, messages=messages).usage.prompt_tokens_details.cached_tokens for _ in range(2)]
    assert cached == [0, 1408]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"additionalProperties": True}, "'additionalProperties' is required to be supplied and to be false"),
        ({"required": ["title"]}, "including every key in properties. Missing 'desk'"),
        ({"type": "array"}, "schema must be a JSON Schema of"),
        ({"default": {}}, "'default' is not permitted"),
        ({"properties": {"title": {"type": "text"}}, "required": ["title"]}, "'text' is not a valid type"),
    ],
)
def test_a_schema_that_is_not_strict_is_refused(simulator: Simulator, change: dict[str, Any], words: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(simulator, {**SCHEMA, **change})
    assert words in caught.value.message
    assert caught.value.param == "response_format"


def test_strictness_goes_down_into_lists_and_alternatives() -> None:
    loose = {"type": "object", "properties": {}, "required": []}
    for below in ({"type": "array", "items": loose}, {"anyOf": [loose, {"type": "null"}]}):
        schema = {"type": "object", "properties": {"a": below}, "required": ["a"], "additionalProperties": False}
        assert "additionalProperties" in str(objection("x", schema))


def test_the_ledger_keeps_what_was_asked_and_charged(simulator: Simulator) -> None:
    completion = ask(simulator)
    (entry,) = requests.get(simulator.url + "/_sim/ledger", timeout=5).json()["requests"]
    assert entry["request"]["messages"][1]["content"] == FACTS
    assert entry["usage"]["total_tokens"] == completion.usage.total_tokens


def test_an_answer_of_an_unknown_kind_is_refused(simulator: Simulator) -> None:
    response = requests.post(simulator.url + "/_sim/answers", json={"kind": "nonsense"}, timeout=5)
    assert response.status_code == 400
    assert "There is no answer of kind nonsense" in response.json()["error"]
