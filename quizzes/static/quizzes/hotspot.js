// Marks places in a picture with the pointer. Without it they are chosen by name.
const SVG = "http://www.w3.org/2000/svg";

const round = (number) => Math.round(number * 100) / 100;
const drawn = (name, attributes, text = "") => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
};

for (const place of document.querySelectorAll("[data-hotspot]")) {
  const fieldset = place.closest("fieldset");
  if (!fieldset || fieldset.disabled) continue;
  const picture = place.querySelector("svg");
  const pins = picture.querySelector("[data-pins]");
  const field = place.querySelector("input[type=hidden]");
  const removers = place.querySelector("[data-removers]");
  const status = place.querySelector("[role=status]");
  const names = place.querySelector("details");
  const choices = [...names.querySelectorAll("input")];
  const needed = Number(place.dataset.hotspot);
  const { width, height } = picture.viewBox.baseVal;

  const points = () => field.value.split(" ").filter(Boolean)
    .map((point) => point.split(",").map(Number));
  const count = () => {
    const marked = points().length || choices.filter((choice) => choice.checked).length;
    status.textContent = place.dataset.count.replace("{count}", marked);
  };

  let shown; // what is drawn already: drawing it again would take the focus away
  const draw = () => {
    count();
    if (shown === field.value) return;
    shown = field.value;
    const { radius, letters } = picture.dataset;
    pins.replaceChildren(...points().map(([across, down], at) => {
      const [x, y] = [(across * width) / 100, (down * height) / 100];
      const pin = drawn("g", { class: "pin" });
      pin.append(
        drawn("circle", { cx: x, cy: y, r: radius }),
        drawn("text", { x, y, "font-size": letters }, at + 1),
      );
      return pin;
    }));
    removers.replaceChildren(...points().map((_, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = place.dataset.remove.replace("{number}", at + 1);
      button.addEventListener("click", () => {
        put(points().filter((_, other) => other !== at));
        (removers.querySelector("button") ?? names.querySelector("summary")).focus();
      });
      return button;
    }));
  };

  const put = (marked) => {
    field.value = marked.map((point) => point.join(",")).join(" ");
    if (marked.length) for (const choice of choices) choice.checked = false;
    draw();
    field.dispatchEvent(new Event("change", { bubbles: true })); // quiz.js saves it
  };

  picture.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(picture.getScreenCTM().inverse());
    const point = [(100 * at.x) / width, (100 * at.y) / height]
      .map((part) => round(Math.min(100, Math.max(0, part))));
    const before = points();
    if (before.some((other) => other.join() === point.join())) return; // a double click
    if (needed > 1 && before.length >= needed) {
      status.textContent = place.dataset.full;
      return;
    }
    put(needed > 1 ? [...before, point] : [point]);
  });

  // Before quiz.js, which listens further out, takes what the question holds.
  names.addEventListener("change", () => {
    field.value = "";
    draw();
  });

  // quiz.js may put back what this device kept.
  new MutationObserver(draw).observe(field, { attributeFilter: ["value"] });
  names.open = choices.some((choice) => choice.checked);
  draw();
}
