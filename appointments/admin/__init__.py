"""The staff's pages of appointments, by noun."""

__all__: list[str] = []
