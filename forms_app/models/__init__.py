from forms_app.models.assignments import Assignment, AssignmentRule
from forms_app.models.drafts import Attachment, Draft, DraftVersion
from forms_app.models.questionnaires import Questionnaire
from forms_app.models.responses import Alert, QuestionnaireResponse, Review

__all__ = [
    "Alert",
    "Assignment",
    "AssignmentRule",
    "Attachment",
    "Draft",
    "DraftVersion",
    "Questionnaire",
    "QuestionnaireResponse",
    "Review",
]
