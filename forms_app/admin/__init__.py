"""The staff's pages of forms, by noun."""

from forms_app.admin import alerts, assignments, questionnaires, responses, rules

__all__ = ["alerts", "assignments", "questionnaires", "responses", "rules"]
