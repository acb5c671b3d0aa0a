// Counts words, saves while one writes, and sends files as soon as they are chosen.
const PAUSE = 3000; // of writing, after which the text is saved

const changed = (node) => node.dispatchEvent(new Event("change", { bubbles: true })); // quiz.js saves

const writing = (text, line) => {
  const { words, minimum, maximum, fewer, more } = line.dataset;
  let timer;
  const count = () => {
    const found = text.value.split(/\s+/).filter(Boolean).length;
    const notice = document.createElement("b");
    if (minimum && found < minimum) notice.textContent = fewer.replace("{count}", minimum - found);
    if (maximum && found > maximum) notice.textContent = more.replace("{count}", found - maximum);
    line.replaceChildren(
      words.replace("{count}", found), ...(notice.textContent ? [" · ", notice] : []));
  };
  const written = () => {
    count();
    clearTimeout(timer);
    timer = setTimeout(() => changed(text), PAUSE);
  };
  text.addEventListener("input", written);
  text.addEventListener("change", () => clearTimeout(timer));
  if (text.value !== text.defaultValue) written(); // on a slow line one writes before this runs
};

const attaching = (place, question) => {
  const { files: address, sending, failed, added, gone, stuck } = place.dataset;
  const choice = place.querySelector("input[type=file]");
  const told = place.querySelector("[data-told]");
  const list = place.querySelector("[data-list]");
  const pattern = place.querySelector("template");

  const post = (url, body) => {
    const token = question.form.elements.csrfmiddlewaretoken.value;
    return fetch(url, {
      method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" },
    });
  };
  // The server has put it into the answer already: what the page knows of it must follow.
  const follow = ({ sequence, mark }) => {
    question.dataset.sequence = sequence;
    question.querySelector(`[name="w${question.dataset.question}"]`).value = mark;
    changed(list);
  };
  const show = ({ id, name, size, url, remove_url: removing }) => {
    if ([...list.querySelectorAll("input")].some((input) => input.value === id)) return;
    const row = pattern.content.cloneNode(true);
    row.querySelector("input").value = id;
    row.querySelector("a").href = url;
    row.querySelector("a").textContent = name;
    row.querySelector(".muted").textContent = size;
    row.querySelector("button").formAction = removing;
    row.querySelector("button").type = "button";
    row.querySelector("button span").textContent = ` ${name}`;
    list.append(row);
  };

  const send = async (file) => {
    told.textContent = sending.replace("{name}", file.name);
    const body = new FormData();
    body.append(choice.name, file);
    try {
      const response = await post(address, body);
      const reply = await response.json();
      if (!response.ok) return reply.message;
      reply.files.forEach(show);
      follow(reply);
      return added.replace("{name}", reply.files[0].name);
    } catch {
      return failed.replace("{name}", file.name);
    }
  };

  choice.addEventListener("change", async (event) => {
    event.stopPropagation(); // the choice is no answer yet
    const said = [];
    choice.disabled = true;
    for (const file of choice.files) said.push(await send(file));
    choice.disabled = false;
    choice.value = "";
    told.textContent = said.join(" ");
  });

  list.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-drop]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    try {
      const response = await post(button.formAction, new FormData());
      const reply = await response.json();
      if (response.ok) {
        button.closest("li").remove();
        follow(reply);
        choice.focus();
      }
      told.textContent = response.ok ? gone : reply.message;
    } catch {
      told.textContent = stuck.replace("{name}", button.closest("li").querySelector("a").textContent);
    }
    button.disabled = false;
  });

  place.querySelector("[data-send]").hidden = true;
  // Enter in a field of the form presses its first submit button, which must not be one of these.
  for (const button of list.querySelectorAll("button")) button.type = "button";
};

for (const essay of document.querySelectorAll("[data-essay]")) {
  const question = essay.closest("fieldset");
  if (!question || question.disabled) continue;
  const text = essay.querySelector("textarea");
  if (text) writing(text, essay.querySelector("[data-words]"));
  const place = essay.querySelector("[data-files]");
  if (place) attaching(place, question);
}
