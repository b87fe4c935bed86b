// Keeps true what the page says of files: asks whether they are checked by now, and renews the parts that tell of them.

const FIRST = 1; // seconds until the first question, and then ever longer
const LONGEST = 30;
const QUESTIONS = 60;

const page = document.querySelector("[data-fresh-from]");
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
// Nobody did anything: the session may end meanwhile.
const ask = (url) => fetch(url, { headers: { "X-Passive": "1" }, redirect: "manual", cache: "no-store" });

let following = false;

function replace(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const link = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  old.replaceWith(fresh);
  if (link) fresh.querySelector(`[href="${CSS.escape(link)}"]`)?.focus();
}

export async function renew() {
  const answer = await ask(page.dataset.freshFrom).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const now = fresh.getElementById(old.id);
    if (now) replace(old, now);
  }
}

const beingChecked = () => new Set(Array.from(document.querySelectorAll("[data-checking]"), (row) => row.dataset.checking));

async function look(ids) {
  const query = new URLSearchParams(Array.from(ids, (id) => ["upload", id]));
  const answer = await ask(`${page.dataset.state}?${query}`).catch(() => null);
  if (answer?.type === "opaqueredirect") return null;
  return answer?.ok ? (await answer.json()).files.filter((file) => file.outcome !== "checking") : [];
}

// `hear` is told of each file that is checked by now.
export async function follow(hear) {
  if (following) return;
  following = true;
  let wait = FIRST;
  for (let asked = 0; asked < QUESTIONS && beingChecked().size; asked += 1) {
    await pause(wait);
    wait = Math.min(wait * 1.5, LONGEST);
    if (document.hidden) continue;
    const done = await look(beingChecked());
    if (!done) break;
    if (done.length) {
      hear(done);
      await renew();
      wait = FIRST;
    }
  }
  following = false;
}
