// Saves a field when it was changed. The page says "saved" only when the server said so; what was
// not saved stays in its field and is tried again.
const SOON = 3_000;
const RETRY = [5_000, 15_000, 30_000, 60_000];

for (const form of document.querySelectorAll("form[data-task]")) {
  const status = form.querySelector("[data-status]");
  const words = form.dataset;
  const changed = new Set();
  const refused = new Set();
  let timer;
  let failures = 0;
  let running = false;
  let stopped = false;
  let leaving = false;

  const tell = (text, state = "") => {
    status.className = `saved ${state}`;
    status.textContent = text;
  };
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  const markError = (name, message) => {
    const line = document.getElementById(`${name}-error`);
    line.textContent = message ?? "";
    line.hidden = !message;
    const input = form.elements[name];
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };

  async function save() {
    clearTimeout(timer);
    if (running || stopped || !changed.size) return;
    const sent = new Map([...changed].map((name) => [name, form.elements[name].value]));
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "activity"]) body.append(name, form.elements[name].value);
    for (const [name, value] of sent) {
      body.append(name, value);
      body.append(`seen-${name}`, form.elements[`seen-${name}`].value);
    }
    running = true;
    tell(words.saving);
    try {
      const response = await fetch(form.getAttribute("action"), {
        method: "POST", body, headers: { Accept: "application/json" }, keepalive: true,
      });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      if (response.status >= 500) throw new Error(String(response.status));
      if (!response.ok || !isJson) {
        // Handed in elsewhere, signed out, or no right any more: trying again would not help.
        stopped = true;
        tell(isJson ? (await response.json()).error : words.refused, "is-failed");
        return;
      }
      accept(await response.json(), sent);
    } catch {
      tell(words.failed, "is-failed");
      later(RETRY[Math.min(failures++, RETRY.length - 1)]);
    } finally {
      running = false;
    }
  }

  const accept = (answer, sent) => {
    failures = 0;
    for (const [name, value] of sent) {
      const error = answer.errors[name];
      markError(name, error);
      if (error) refused.add(name);
      else refused.delete(name);
      if (!error) form.elements[`seen-${name}`].value = name === "note" ? answer.seen_note : value;
      // What was typed while this was on its way is still to be saved.
      if (form.elements[name].value === value) changed.delete(name);
    }
    if (Object.keys(answer.errors).length) tell(words.part, "is-failed");
    else tell(`${words.saved} ${answer.saved_at}`, "is-saved");
    if (changed.size) later(SOON);
  };

  const note = (event) => {
    const { name } = event.target;
    if (!name || !form.elements[`seen-${name}`]) return;
    changed.add(name);
    if (event.type === "change") later(0);
    else later(SOON);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("online", save);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  addEventListener("beforeunload", (event) => {
    if (changed.size + refused.size && !leaving) event.preventDefault();
  });

  for (const button of form.querySelectorAll("button[data-today]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const input = form.elements[button.dataset.for];
      input.value = button.dataset.today;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
