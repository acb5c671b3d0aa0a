// Passkeys, where browser and address allow them: forms with data-passkey appear, and their button
// first asks the device. The server checks everything; without this file the pages say what is
// missing, and the password works as ever.

const toBytes = (text) => {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")), (c) => c.charCodeAt(0));
};

const toText = (bytes) => {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

// What the server sends has bytes as text; the browser wants bytes.
const options = (sent) => {
  const asked = { ...sent.publicKey, challenge: toBytes(sent.publicKey.challenge) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (asked[list]) asked[list] = asked[list].map((each) => ({ ...each, id: toBytes(each.id) }));
  }
  if (asked.user) asked.user = { ...asked.user, id: toBytes(asked.user.id) };
  return asked;
};

// And the other way round.
const answer = (credential) => {
  const { response } = credential;
  const given = { clientDataJSON: toText(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) given[part] = toText(response[part]);
  }
  if (response.getTransports) given.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: given,
  };
};

const fetched = async (form) => {
  const { options: place, optionsUrl } = form.dataset;
  if (place) return JSON.parse(document.getElementById(place).textContent);
  const reply = await fetch(optionsUrl, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new TypeError(String(reply.status));
  return (await reply.json()).request_options;
};

const ask = async (form) => {
  const publicKey = options(await fetched(form));
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey });
  const alone = form.elements.passwordless.checked;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  };
  return navigator.credentials.create({ publicKey });
};

const PROBLEMS = { InvalidStateError: "known", SecurityError: "address", TypeError: "network" };

const tell = (form, which) => {
  for (const note of form.querySelectorAll("[data-problem]")) note.hidden = note.dataset.problem !== which;
};

if (window.PublicKeyCredential && navigator.credentials) {
  for (const note of document.querySelectorAll("[data-passkey-impossible]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    let asking = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (asking) return;
      asking = true;
      tell(form, "");
      try {
        form.elements.credential.value = JSON.stringify(answer(await ask(form)));
        form.submit();
      } catch (problem) {
        tell(form, PROBLEMS[problem.name] ?? "refused");
        asking = false;
      }
    });
  }
}
