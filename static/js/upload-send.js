// One file on its way: fetch() tells nothing of what has been sent, so this is the older XMLHttpRequest.

const SILENCE = 120_000; // milliseconds without a sign of life until the connection counts as lost

// What the server says of this file; `ended` when it answers with another page than asked, as a sign-in does.
function read(request, url) {
  if (request.status === 403) return { outcome: "ended" };
  let said;
  try {
    said = JSON.parse(request.responseText);
  } catch {
    // A proxy that lost the server on the way does not know what the server has stored.
    if (request.status === 502 || request.status === 504) return { outcome: "unanswered" };
    return { outcome: request.status < 400 || request.responseURL !== url ? "ended" : "failed" };
  }
  return said.files?.[0] ?? { outcome: "failed", words: said.error ?? said.errors?.join(" ") };
}

// `sent` hears the part that is sent, 0 to 1. `done` is the request once it is answered, or the outcome without an answer.
export function transfer(url, body, sent) {
  const request = new XMLHttpRequest();
  let silence;
  let lost = false;
  let whole = false; // all of it is sent: the server may have stored it, whether or not its answer comes

  const lose = () => {
    lost = true;
    request.abort();
  };
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE);
  };
  const done = new Promise((resolve) => {
    request.addEventListener("load", () => resolve({ request }));
    request.addEventListener("error", () => resolve({ outcome: whole ? "unanswered" : "lost" }));
    request.addEventListener("abort", () => resolve({ outcome: whole ? "unanswered" : lost ? "lost" : "cancelled" }));
  });
  request.upload.addEventListener("load", () => {
    whole = true;
  });
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    alive();
    sent(total ? loaded / total : 0);
  });
  window.addEventListener("offline", lose);
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
  alive();
  done.then(() => {
    clearTimeout(silence);
    window.removeEventListener("offline", lose);
  });
  return { done, cancel: () => request.abort() };
}

// Returns what becomes of the file, and how to stop it.
export function send(form, file, sent) {
  const url = new URL(form.getAttribute("action"), location.href).href;
  const body = new FormData(form);
  body.delete("files");
  body.set("files", file, file.name);
  const { done, cancel } = transfer(url, body, sent);
  return { done: done.then(({ request, outcome }) => (request ? read(request, url) : { outcome })), cancel };
}
