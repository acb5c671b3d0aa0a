// Puts items in order by buttons, keyboard and dragging. The selects keep the places: they are
// what is saved, and what is there without this script.
const EDGE = 60; // pixels from the edge of the window where dragging scrolls

const enhance = (part) => {
  const list = part.querySelector("ol");
  const keep = part.querySelector("[data-keep]");
  const said = part.querySelector("[data-announce]");
  const rows = () => [...list.children];
  const select = (row) => row.querySelector("select");
  const isLocked = () => select(list.firstElementChild).matches(":disabled");

  const number = () => {
    const all = rows();
    for (const [at, row] of all.entries()) {
      row.querySelector("[data-handle]").textContent = at + 1;
      row.querySelector('[data-move="-1"]').setAttribute("aria-disabled", String(at === 0));
      row.querySelector('[data-move="1"]').setAttribute("aria-disabled", String(at === all.length - 1));
    }
  };
  const isPlaced = () => {
    const given = new Set(rows().map((row) => select(row).value));
    return !given.has("") && given.size === list.children.length;
  };
  const take = () => {
    for (const [at, row] of rows().entries()) select(row).value = at + 1;
    keep.hidden = true;
    number();
    select(list.firstElementChild).dispatchEvent(new Event("change", { bubbles: true }));
  };
  const announce = (row) => {
    const text = row.querySelector("[data-text]");
    const item = text.textContent.trim() || text.querySelector("img")?.alt || "";
    said.textContent = part.dataset.moved
      .replace("{place}", rows().indexOf(row) + 1).replace("{total}", list.children.length)
      .replace("{item}", () => item);
  };

  // The others move round the row: a row that is moved itself would lose the focus.
  const step = (row, by) => {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || isLocked()) return;
    if (by < 0) row.after(other);
    else row.before(other);
    take();
    announce(row);
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) step(button.closest("li"), Number(button.dataset.move));
  });
  keep.addEventListener("click", () => {
    const next = list.querySelector("[data-move]");
    take();
    next.focus(); // the button is gone
  });

  let drag = null;
  const follow = (y) => {
    const others = rows().filter((row) => row !== drag.row);
    const next = others.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return y < top + height / 2;
    });
    if (next ? drag.row.nextElementSibling !== next : list.lastElementChild !== drag.row) {
      list.insertBefore(drag.row, next ?? null);
      number();
    }
  };
  const drop = (isKept) => {
    if (!drag) return;
    const { row, before } = drag;
    drag = null;
    row.classList.remove("is-dragged");
    if (!isKept) list.append(...before);
    number();
    if (rows().some((each, at) => each !== before[at])) {
      take();
      announce(row);
    }
  };
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[data-handle]")?.closest("li");
    if (!row || drag || event.button !== 0 || isLocked()) return;
    event.preventDefault();
    drag = { row, before: rows(), pointer: event.pointerId };
    list.setPointerCapture(event.pointerId); // the list stays where it is, the row does not
    row.classList.add("is-dragged");
  });
  list.addEventListener("pointermove", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    if (event.clientY < EDGE) scrollBy(0, -12);
    else if (event.clientY > innerHeight - EDGE) scrollBy(0, 12);
    follow(event.clientY);
  });
  list.addEventListener("pointerup", (event) => {
    if (drag?.pointer === event.pointerId) drop(true);
  });
  list.addEventListener("lostpointercapture", () => drop(false));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") drop(false);
  });

  if (isPlaced()) {
    list.append(...rows().sort((one, other) => select(one).value - select(other).value));
  } else {
    keep.hidden = isLocked();
  }
  for (const row of rows()) {
    select(row).hidden = true;
    for (const tool of row.querySelectorAll("[data-handle], .movers")) tool.hidden = false;
  }
  number();
};

// After the other scripts: an answer kept on the device is back in the selects by then.
const begin = () => {
  for (const part of document.querySelectorAll("[data-sorting]")) enhance(part);
};
if (document.readyState === "complete") begin();
else addEventListener("DOMContentLoaded", begin);
