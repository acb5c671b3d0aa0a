// Saves each answer when it is given; keeps it on this device until the server has it.
const form = document.querySelector("form[data-quiz]");
const FRESH = 30_000; // a choice made just now outweighs one saved on another page
const WEEK = 7 * 86_400_000;

const store = {
  read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or off */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* off */ } },
  sweep() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith("quiz:") && !(this.read(key)?.at > Date.now() - WEEK)) this.drop(key);
      }
    } catch { /* off */ }
  },
};

if (form) {
  const { quiz, save, saving, saved, failed, left, all } = form.dataset;
  const questions = [...form.querySelectorAll("[data-question]")];
  const waiting = new Map(); // question -> the change that the server does not have yet
  let busy = false;
  let pause = 1000;
  let timer;

  const place = (question) => `quiz:${quiz}:${question.dataset.question}`;
  const inputs = (question) => {
    const names = ["a", "b"].map((letter) => `${letter}${question.dataset.question}`);
    return [...question.querySelectorAll("input, select, textarea")].filter((input) => names.some(
      (name) => input.name === name || input.name.startsWith(`${name}-`)));
  };
  const given = (question) => inputs(question)
    .filter((input) => !/radio|checkbox/.test(input.type) || input.checked)
    .filter((input) => input.value !== "").map((input) => [input.name, input.value]);

  const show = (question, text, state) => {
    const line = question.querySelector(".saved");
    const icon = form.querySelector(`template[data-icon="${state}"]`);
    line.className = state ? `saved ${state}` : "saved";
    line.replaceChildren(...(icon ? [icon.content.cloneNode(true)] : []), text);
  };
  const count = () => {
    const open = questions.filter(
      (question) => !given(question).some(([name]) => name.startsWith("a"))).length;
    form.querySelector("[data-unanswered]").textContent = open ? left.replace("{count}", open) : all;
  };
  const done = (question, change) => {
    if (waiting.get(question) !== change) return false; // answered again meanwhile
    waiting.delete(question);
    store.drop(place(question));
    return true;
  };

  const take = (question, change, status, reply) => {
    if (status === 200) {
      question.dataset.sequence = reply.sequence;
      question.querySelector(`[name="w${question.dataset.question}"]`).value = reply.mark;
      if (done(question, change)) show(question, saved.replace("{time}", reply.time), "is-saved");
      return true;
    }
    if (reply.code === "changed") {
      question.dataset.sequence = reply.sequence;
      if (Date.now() - change.at < FRESH) return true;
    }
    if (["changed", "closed", "unknown"].includes(reply.code)) {
      if (done(question, change)) show(question, reply.message, "is-failed");
      return true;
    }
    show(question, reply.message ?? failed, "is-failed");
    return false;
  };

  const send = async () => {
    if (busy || !waiting.size) return;
    busy = true;
    clearTimeout(timer);
    const [question, change] = waiting.entries().next().value;
    const { question: position, sequence } = question.dataset;
    let moved = false;
    try {
      const response = await fetch(`${save}${position}/`, {
        method: "POST",
        body: new URLSearchParams([...change.given, ["key", change.key], ["base", sequence]]),
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        keepalive: true,
      });
      moved = take(question, change, response.status, await response.json());
    } catch {
      show(question, failed, "is-failed");
    }
    busy = false;
    pause = moved ? 1000 : Math.min(pause * 2, 30_000);
    timer = setTimeout(send, moved ? 0 : pause);
  };

  const note = (question, change) => {
    waiting.delete(question); // to the end of the queue
    waiting.set(question, change);
    show(question, saving, "");
    send();
  };

  form.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question) return;
    const key = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const change = { given: given(question), key, at: Date.now(), base: question.dataset.sequence };
    store.write(place(question), change);
    count();
    note(question, change);
  });
  addEventListener("online", send);

  store.sweep();
  for (const question of questions) {
    const change = store.read(place(question));
    if (!change) continue;
    if (JSON.stringify(change.given) === JSON.stringify(given(question))) {
      store.drop(place(question)); // it arrived after all
      continue;
    }
    for (const input of inputs(question)) {
      const values = change.given.filter(([name]) => name === input.name).map(([, value]) => value);
      if (/radio|checkbox/.test(input.type)) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
    question.dataset.sequence = change.base;
    note(question, change);
  }
  count();
}
