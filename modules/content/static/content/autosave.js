// What Wagtail's editor leaves open where it saves drafts by itself.
//
// All that is typed is saved. Wagtail looks for changes against what the form held two seconds
// after the page came, and after each draft against what it held when the answer came. What was
// typed before that counted as unchanged: it was not saved, and could be left without a warning.
//
// A button waits for the draft that is just being saved. Wagtail saves a moment after each change,
// beside what a button asks for. Whichever came second was refused as out of date; or a text that
// was sent for review got a newer draft an instant later.
(() => {
  "use strict";

  const EDITOR = "[data-edit-form]";
  // No work of the person's; Wagtail passes over them as well, and watches comments apart.
  const OTHERS = /^(csrfmiddlewaretoken|loaded_revision_|next$|comments-)/;
  let saved = null; // what the server has: names and values; not known until the form is touched
  let sent = null;

  const held = (form) =>
    [...new FormData(form)]
      .filter(([name]) => !OTHERS.test(name))
      .map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]);

  const keep = (form) => {
    // Wagtail looks at this twice a second, and takes it back when it has saved.
    if (saved && JSON.stringify(saved) !== JSON.stringify(held(form))) {
      form.dataset.wUnsavedForceValue = "true";
    }
  };

  for (const name of ["pointerdown", "keydown", "beforeinput", "paste", "drop"]) {
    document.addEventListener(
      name,
      (event) => {
        const form = saved ? null : event.target.closest?.(EDITOR);
        if (form) saved = held(form);
      },
      { capture: true },
    );
  }
  document.addEventListener("w-unsaved:watch-edits", (event) => {
    if (event.target.matches(EDITOR)) keep(event.target);
  });
  document.addEventListener("w-autosave:save", (event) => {
    sent = held(event.target);
  });
  document.addEventListener("w-autosave:success", (event) => {
    const numbers = event.detail.data?.field_updates ?? {}; // the server's own, of what is new
    saved = sent.map(([name, value]) => [name, name in numbers ? `${numbers[name] ?? ""}` : value]);
    keep(event.target);
  });

  const LONGEST = 10000; // milliseconds; a server that takes longer is asked all the same
  let saving = false;
  let leaving = false;

  document.addEventListener("w-autosave:save", (event) => {
    if (leaving) event.preventDefault();
    else saving = true;
  });
  for (const end of ["success", "error"]) {
    document.addEventListener(`w-autosave:${end}`, () => {
      saving = false;
    });
  }

  // By now the button may be switched off, or drawn anew: what it asks for goes along without it.
  const ask = (form, button) => {
    const asked = document.createElement("input");
    asked.type = "hidden";
    asked.name = button?.name ?? "";
    asked.value = button?.value ?? "";
    form.append(asked);
    form.requestSubmit();
    asked.remove();
  };

  const wait = (form, button) => {
    const go = () => {
      document.removeEventListener("w-autosave:success", go);
      document.removeEventListener("w-autosave:error", go);
      window.clearTimeout(timer);
      saving = false;
      ask(form, button);
    };
    const timer = window.setTimeout(go, LONGEST);
    document.addEventListener("w-autosave:success", go);
    document.addEventListener("w-autosave:error", go);
  };

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches(EDITOR)) return;
      if (saving) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (!leaving) wait(form, event.submitter);
      } else {
        window.setTimeout(() => {
          if (event.defaultPrevented) leaving = false; // the page asks something first
        });
      }
      leaving = true;
    },
    { capture: true },
  );

  // Back from the history: the page is there as it was left.
  window.addEventListener("pageshow", () => {
    saving = false;
    leaving = false;
  });
})();
