"""python -m connectors.simulators.openai --port 9102"""

from connectors.simulators.command import run
from connectors.simulators.openai import start

run("A simulated model server that speaks OpenAI's Chat Completions.", start)
