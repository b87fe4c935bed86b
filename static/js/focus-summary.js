// Moves focus to the summary of errors, also when a part of the page was replaced by one.
// The autofocus attribute alone does nothing then, nor when the address names a fragment; the
// browser deals with that attribute before the first frame, and complains when it is overtaken.

const focusSummary = () => document.querySelector("[data-autofocus]")?.focus();

requestAnimationFrame(focusSummary);
document.addEventListener("htmx:afterSettle", focusSummary);
