"""What uploads shows on pages that are put together from all storeys."""
