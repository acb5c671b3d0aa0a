// A button of the editor waits for the draft that is just being saved by itself.
//
// Wagtail saves a moment after each change, beside what a button asks for. Whichever came second
// was refused as out of date; or a text that was sent for review got a newer draft an instant
// later.
(() => {
  "use strict";

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
      if (!form.matches("[data-edit-form]")) return;
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
