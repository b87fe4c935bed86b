"""What forms show on pages that are put together from all storeys."""
