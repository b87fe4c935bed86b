// Passkeys (WebAuthn Level 2). Everything here is hidden until the browser can do it.
//
// Make one:  <button type="button" data-passkey-create data-options-url="…" data-input="credential" hidden>
//            in a form with a CSRF token and a hidden input of that name. Options are POSTed for, the
//            answer goes into the input, the form is sent.
// Use one:   <form data-passkey-get data-options-url="…" hidden> or data-options-id="…" (a JSON block),
//            with a hidden input named credential; asked when the form is sent.
// Trouble:   an element [data-passkey-said] in the form shows its own data-cancelled, data-known or data-failed.

const toBytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
};

const toText = (buffer) => {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const withIds = (credentials = []) => credentials.map((known) => ({ ...known, id: toBytes(known.id) }));

async function create({ publicKey }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withIds(publicKey.excludeCredentials),
    },
  });
  const { response } = credential;
  return describe(credential, {
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

async function get({ publicKey }) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: withIds(publicKey.allowCredentials),
    },
  });
  const { response } = credential;
  return describe(credential, {
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle && toText(response.userHandle),
  });
}

function describe(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...response, clientDataJSON: toText(credential.response.clientDataJSON) },
  };
}

async function options({ optionsId, optionsUrl }, form, method) {
  if (optionsId) {
    return JSON.parse(document.getElementById(optionsId).textContent).request_options;
  }
  const headers = { Accept: "application/json" };
  if (method === "POST") {
    headers["X-CSRFToken"] = form.elements.csrfmiddlewaretoken.value;
  }
  const answer = await fetch(optionsUrl, { method, headers });
  if (!answer.ok) {
    throw new Error(`${answer.status}`);
  }
  const data = await answer.json();
  return data.request_options ?? data;
}

const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };

async function send(form, name, ask) {
  const said = form.querySelector("[data-passkey-said]");
  if (said) {
    said.hidden = true;
  }
  try {
    form.elements[name].value = JSON.stringify(await ask());
    form.submit();
  } catch (error) {
    if (said) {
      said.textContent = said.dataset[REASONS[error.name] ?? "failed"];
      said.hidden = false;
    }
  }
}

function offerCreate(button) {
  const { form } = button;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (form.reportValidity()) {
      send(form, button.dataset.input ?? "credential", async () => create(await options(button.dataset, form, "POST")));
    }
  });
}

function offerGet(form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, "credential", async () => get(await options(form.dataset, form, "GET")));
  });
}

// A passkey belongs to a name, never to a bare address (WebAuthn §5.1.2), as in http://127.0.0.1:8000/.
const hasName = !/^(\d+\.){3}\d+$|^\[/.test(location.hostname);

if (window.PublicKeyCredential && hasName) {
  document.querySelectorAll("[data-passkey-create]").forEach(offerCreate);
  document.querySelectorAll("[data-passkey-get]").forEach(offerGet);
  document.querySelectorAll("[data-passkey-none]").forEach((element) => element.remove());
}
