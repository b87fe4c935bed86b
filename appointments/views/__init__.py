"""The clients' pages about appointments."""
