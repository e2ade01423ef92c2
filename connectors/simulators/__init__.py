"""Simulators of the platforms: small servers that sign, limit, fail and remember. README.md tells how to use them.

They import nothing of ours, so that what they prove, they prove from outside.
"""
