"""Any server that speaks OpenAI's Chat Completions with a JSON schema: OpenAI, Azure, vLLM, llama.cpp …

The SDK's own retries are off: they would repeat answers that were charged and hide what the provider says.
https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import openai
import structlog
from marshmallow import ValidationError
from openai.types.chat import ChatCompletion
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from bridge.ai.client import Answer, Prompt, Tokens, Unusable
from bridge.ai.schema import for_schema
from bridge.deadline import Deadline
from bridge.errors import AskHuman, StorebridgeError, TryLater
from bridge.settings import Settings

log = structlog.get_logger()

OPENAI = "https://api.openai.com/v1"
_NO_CREDIT_PAUSE = 900.0  # seconds; waiting costs nothing and somebody has to pay a bill
_PATIENCE = 15.0  # seconds we wait inside one call; anything longer goes back to the job's row


class OpenAICompatible:
    """One model of one server; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.model_name
        url = settings.model_url or OPENAI
        self.free = _is_own(url)
        self._seconds = settings.model_seconds
        self._client = openai.OpenAI(api_key=settings.model_key or "none", base_url=url, max_retries=0)
        # store=False: nothing stays with the provider. Reasoning is not needed to put facts into sentences.
        self._options: dict[str, Any] = {"store": False, "reasoning_effort": "none"}
        self._limit = "max_completion_tokens"

    def ask(self, prompt: Prompt, deadline: Deadline) -> Answer:
        """One answer that fits the schema. Raises Unusable, TryLater or AskHuman."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: _soon(error, deadline)),
            wait=_pause,
            stop=stop_after_attempt(3),
            reraise=True,
        )
        try:
            completion = retrying(self._complete, prompt, deadline)
        except openai.OpenAIError as error:
            raise _meaning(error) from error
        return _read(completion, prompt, self.name)

    def _complete(self, prompt: Prompt, deadline: Deadline) -> Any:
        deadline.check(1.0)
        try:
            return self._create(prompt, deadline)
        except openai.BadRequestError as error:
            if not self._forget(str(error.param or "")):
                raise
        return self._create(prompt, deadline)

    def _create(self, prompt: Prompt, deadline: Deadline) -> Any:
        shape = {"name": prompt.name, "strict": True, "schema": for_schema(prompt.schema)}
        create: Any = self._client.chat.completions.create  # its overloads do not know options kept in a dict
        return create(
            model=self.name,
            messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            response_format={"type": "json_schema", "json_schema": shape},
            timeout=min(self._seconds, deadline.left()),
            **{self._limit: prompt.max_tokens},
            **self._options,
        )

    def _forget(self, parameter: str) -> bool:
        """Leave out what this server does not know, from now on; True when there is something new to try."""
        if parameter == "max_completion_tokens" and self._limit == parameter:
            self._limit = "max_tokens"
            return True
        return self._options.pop(parameter, None) is not None


def _is_own(url: str) -> bool:
    """True for a server in the shop's own network, which nobody is charged for. Whatever is out there costs money."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".home.arpa"))
    return address.is_private or address.is_loopback


def _read(completion: Any, prompt: Prompt, name: str) -> Answer:
    # A proxy's HTML page with status 200 comes back from the SDK as a plain string.
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise Unusable("The model's server answered with something that is no answer.")
    tokens, choice = _tokens(completion), completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise Unusable("The model refused to answer.", tokens)
    if choice.finish_reason == "length":
        raise Unusable("The model's answer was cut off.", tokens)
    try:
        values = prompt.schema().loads(choice.message.content or "")
    except ValidationError as error:
        places = ", ".join(sorted(map(str, error.normalized_messages())))
        raise Unusable(f"The model's answer does not have the agreed form: {places}.", tokens) from error
    except ValueError as error:
        raise Unusable("The model's answer is not JSON.", tokens) from error
    return Answer(dict(values), name, tokens)


def _tokens(completion: ChatCompletion) -> Tokens:
    usage = completion.usage
    if usage is None:
        return Tokens()
    details = usage.prompt_tokens_details
    return Tokens(usage.prompt_tokens, (details.cached_tokens or 0) if details else 0, usage.completion_tokens)


# --- errors -----------------------------------------------------------------------------------------------------


def _meaning(error: openai.OpenAIError) -> StorebridgeError:
    """What to do next. Only a time-out counts as spent: everything else was refused before work was done."""
    log.warning("model call failed", error=type(error).__name__)
    if isinstance(error, openai.APITimeoutError):
        return TryLater("The model took too long.", after=30)
    if isinstance(error, openai.APIConnectionError):
        return TryLater("The model's server cannot be reached.", after=30, counts=False)
    if isinstance(error, openai.RateLimitError):
        if error.code == "insufficient_quota":
            return TryLater("The model account has no credit left.", after=_NO_CREDIT_PAUSE, counts=False)
        return TryLater("The model's rate limit is reached.", after=_retry_after(error) or 20, counts=False)
    if isinstance(error, openai.InternalServerError):
        return TryLater("The model's server has a problem.", after=30)
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return AskHuman("The model's server refused our key. Check MODEL_KEY.")
    if isinstance(error, openai.NotFoundError):
        return AskHuman("The model's server does not know this model. Check MODEL_NAME and MODEL_URL.")
    return AskHuman("The model's server refused the request.")


def _soon(error: BaseException, deadline: Deadline) -> bool:
    """Worth another try within this call: refused for the moment, nothing charged, and the wait is short."""
    if isinstance(error, openai.APITimeoutError) or not isinstance(error, openai.APIError):
        return False
    if isinstance(error, openai.RateLimitError) and error.code == "insufficient_quota":
        return False
    passing = isinstance(error, (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError))
    wait = _retry_after(error) or 1.0
    return passing and wait <= _PATIENCE and deadline.left() > wait + 5


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return _retry_after(error) or 0.5 * 2**state.attempt_number


def _retry_after(error: BaseException | None) -> float | None:
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    try:
        return max(0.1, float(headers.get("retry-after", "")))
    except ValueError:
        return None
