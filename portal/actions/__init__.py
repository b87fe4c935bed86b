"""Verbs that need to know every storey."""
