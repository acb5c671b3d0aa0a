const root = document.documentElement;
const find = (selector, within = document) => [...within.querySelectorAll(selector)];

// Look and text size: kept on this device only.
for (const group of find("[data-prefs]")) {
  const buttons = find("button[data-set]", group);
  const show = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String((root.dataset[button.dataset.set] ?? "") === button.value));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { set } = button.dataset;
      if (button.value) root.dataset[set] = button.value;
      else delete root.dataset[set];
      try {
        if (button.value) localStorage.setItem(set, button.value);
        else localStorage.removeItem(set);
      } catch { /* storage is off: the choice lasts for this page */ }
      show();
    });
  }
  show();
  group.hidden = false;
}

// Menus close on Escape and on a click elsewhere.
const closeMenus = (except) => {
  for (const menu of find("details.menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The outline stays open beside the text on a wide screen, and folds away on a phone.
const drawer = document.querySelector("details.drawer");
if (drawer) {
  const wide = matchMedia("(min-width: 60rem)");
  const settle = () => { drawer.open = wide.matches; };
  wide.addEventListener("change", settle);
  settle();
}

// Paper shows everything that the screen folds away.
addEventListener("beforeprint", () => {
  for (const part of find("main details:not([open])")) {
    part.open = true;
    part.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const part of find("details[data-folded]")) {
    part.open = false;
    delete part.dataset.folded;
  }
});
for (const button of find("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Typing a password on a phone goes better when it can be seen.
for (const tick of find("[data-show-password]")) {
  tick.hidden = false;
  tick.querySelector("input").addEventListener("change", (event) => {
    for (const field of find("input[name*=password]", tick.closest("form"))) {
      field.type = event.target.checked ? "text" : "password";
    }
  });
}

// One press, one request: a second submit of the same form waits for the page to come back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of find("form[data-sent]")) delete form.dataset.sent;
  for (const button of find("[aria-busy]")) button.removeAttribute("aria-busy");
});

// Outside media load only when asked for.
for (const cover of find("button[data-embed]")) {
  cover.hidden = false;
  cover.addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.src = cover.dataset.embed;
    frame.title = cover.dataset.title;
    frame.className = "media-frame";
    frame.allow = "fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    cover.replaceWith(frame);
    frame.focus();
  });
}

// Where the learner stopped: the last block above the middle of the screen, at most every 30 s.
const reader = document.querySelector("[data-position-url]");
if (reader) {
  const blocks = find("[data-anchor]", reader);
  const anchor = reader.dataset.resume;
  if (anchor && !location.hash) {
    document.getElementById(anchor)?.scrollIntoView({ block: "start", behavior: "instant" });
  }
  let sent = anchor ?? "";
  let last = -Infinity;
  const report = () => {
    const line = innerHeight / 2;
    const here = blocks.filter((block) => block.getBoundingClientRect().top < line).pop()?.id ?? "";
    if (here === sent || Date.now() - last < 30_000) return;
    sent = here;
    last = Date.now();
    const body = new FormData();
    body.append("position", here);
    body.append("csrfmiddlewaretoken", reader.dataset.csrf);
    navigator.sendBeacon(reader.dataset.positionUrl, body);
  };
  let timer;
  addEventListener("scroll", () => {
    timer ??= setTimeout(() => { timer = undefined; report(); }, 30_000);
  }, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
  });
}
