"use strict";
// Runs before the style sheet so that a chosen look never flashes; app.js holds the switch.
try {
  for (const name of ["theme", "text"]) {
    const value = localStorage.getItem(name);
    if (value) document.documentElement.dataset[name] = value;
  }
} catch { /* storage is off: the system's look stands */ }
document.documentElement.classList.add("js");
