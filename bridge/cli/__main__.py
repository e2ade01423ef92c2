"""``python -m bridge.cli`` is ``storebridge``."""

from bridge.cli import main

main()
