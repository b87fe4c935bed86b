// One request of a form that is being filled in, and what its answer means. Only one form stands on such a page.

const LONGEST = 20_000; // milliseconds until an answer counts as lost
// What is sent by a page that goes away may have 64 KiB (Fetch, §4.6, step 8).
const KEEPALIVE = 60_000;

export const form = document.querySelector("form[data-autosave]");
const page = form.querySelector("[name=_page]");
const [key, last] = page.value.split(".");
let count = Number(last) || 0;

// By its number the server knows which of two requests of this page is the newer one, whichever comes first.
export function number() {
  count += 1;
  page.value = `${key}.${count}`;
}

// Of a request that goes beside the others, as a large file does: it is not older than what overtakes it.
export function aside(name, value) {
  const body = new FormData();
  for (const each of ["csrfmiddlewaretoken", "_revision"]) body.set(each, form.querySelector(`[name=${each}]`).value);
  body.set("_page", key);
  body.set(name, value);
  return body;
}

export function fields() {
  number();
  const all = new FormData(form);
  for (const [name, value] of [...all]) if (typeof value !== "string") all.delete(name);
  return new URLSearchParams(all);
}

// `away`: the line or the server is; `ended`: the session is, or it has another token by now.
export function meaning({ type, ok, status }) {
  if (type === "opaqueredirect" || status === 403) return "ended";
  if (ok) return "saved";
  if (status === 409) return "conflict";
  if (status === 410) return "over";
  return status >= 500 || status === 408 || status === 429 ? "away" : "refused";
}

async function read(answer) {
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { ...(isJson ? await answer.json() : {}), outcome: meaning(answer) };
}

// `passive`: nobody did anything just now, so the session may end meanwhile.
export async function post(url, body, { passive = false } = {}) {
  const headers = { Accept: "application/json", ...(passive && { "X-Passive": "1" }) };
  const signal = AbortSignal.timeout(LONGEST);
  try {
    return await read(await fetch(url, { method: "POST", body, headers, signal, redirect: "manual", cache: "no-store" }));
  } catch {
    return { outcome: "away" };
  }
}

// The page goes away: nobody will hear an answer.
export function postLast(url) {
  const body = fields();
  const keepalive = body.toString().length < KEEPALIVE;
  fetch(url, { method: "POST", body, keepalive, redirect: "manual" }).catch(() => {});
}
