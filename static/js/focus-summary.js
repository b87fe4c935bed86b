// Moves focus to the summary of errors, also when a part of the page was replaced by one.
// The autofocus attribute alone does nothing then, nor when the address names a fragment.

const focusSummary = () => document.querySelector("[data-autofocus]")?.focus();

focusSummary();
document.addEventListener("htmx:afterSettle", focusSummary);
