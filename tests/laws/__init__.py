"""The checks behind the laws of docs/architecture.md: pure functions from sources to sentences about what is wrong.

The tests run them over the real house, and over small broken ones to show that each of them bites.
"""
