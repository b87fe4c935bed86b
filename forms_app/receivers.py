"""What forms hear of the people below."""
