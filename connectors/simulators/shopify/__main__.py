"""python -m connectors.simulators.shopify --port 9101"""

from connectors.simulators.command import run
from connectors.simulators.shopify import start

run("A simulated Shopify.", start)
