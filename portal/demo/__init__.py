"""The demo: a practice full of example data, and pages that exist nowhere else."""
