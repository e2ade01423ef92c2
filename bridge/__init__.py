"""The core: what Storebridge knows and remembers. Imports none of the other packages."""
