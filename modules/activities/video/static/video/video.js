// Counts the seconds that are really played and reports them; goes on where the learner stopped.
// Every report holds all that this page has played: sending it twice does no harm.
const EVERY = 15_000;
const boxes = [...document.querySelectorAll("[data-video][data-played-url]")];
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const merge = (intervals) => {
  const found = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (from < to) found.push([from, to]);
  }
  return found;
};

const show = (box, state, isNew) => {
  const status = box.querySelector("[data-status]");
  status.className = state.done ? "saved is-saved" : "saved";
  const parts = [];
  if (state.done) parts.push(box.dataset.done);
  else if (state.percent) parts.push(box.dataset.percent.replace("{percent}", state.percent));
  if (isNew && state.position > 5) parts.push(box.dataset.resume.replace("{time}", clock(state.position)));
  status.textContent = parts.join(" · ");
  if (state.done) box.querySelector("[data-tell]")?.remove();
};

const follow = (box) => {
  const video = box.querySelector("video");
  let played = [];
  let from = null;
  let at = 0;
  let dirty = false;
  let stopped = false;
  let running = false;

  const close = () => {
    if (from !== null && Math.round(at) > Math.round(from)) {
      played = merge([...played, [Math.round(from), Math.round(at)]]);
      dirty = true;
    }
    from = null;
  };
  const fail = (text) => {
    const status = box.querySelector("[data-status]");
    status.className = "saved is-failed";
    status.textContent = text;
  };

  const report = async () => {
    if (from !== null) {
      close();
      if (!video.paused) from = at;
    }
    if (!dirty || running || stopped) return;
    dirty = false;
    running = true;
    const body = new FormData();
    body.append("intervals", JSON.stringify(played));
    body.append("position", String(video.ended ? 0 : Math.floor(video.currentTime)));
    body.append("csrfmiddlewaretoken", box.dataset.csrf);
    try {
      const response = await fetch(box.dataset.playedUrl, { method: "POST", body, keepalive: true });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      if (response.status >= 500) throw new Error(String(response.status));
      if (response.ok && isJson) show(box, await response.json(), false);
      else {
        // Signed out, or enrolled no more: trying again would not help.
        stopped = true;
        fail(box.dataset.refused);
      }
    } catch {
      dirty = true;
      fail(box.dataset.failed);
    } finally {
      running = false;
    }
  };

  video.addEventListener("playing", () => {
    if (from === null) from = at = video.currentTime;
    // The first report, though empty, starts the clock on the server.
    if (!played.length) {
      dirty = true;
      report();
    }
  });
  video.addEventListener("timeupdate", () => {
    if (from === null || video.seeking) return;
    const step = video.currentTime - at;
    if (step < 0 || step > 2 * Math.max(1, video.playbackRate)) {
      close();
      from = video.currentTime;
    }
    at = video.currentTime;
  });
  video.addEventListener("seeking", close);
  video.addEventListener("seeked", () => {
    if (!video.paused) from = at = video.currentTime;
  });
  for (const name of ["pause", "ended"]) {
    video.addEventListener(name, () => {
      close();
      dirty = true;
      report();
    });
  }
  addEventListener("online", report);
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
  });
  setInterval(report, EVERY);
};

const resume = async () => {
  const query = new URLSearchParams(boxes.map((box) => ["activity", box.dataset.video]));
  const response = await fetch(`${boxes[0].dataset.whereUrl}?${query}`);
  if (!response.ok || response.redirected) return;
  const states = await response.json();
  for (const box of boxes) {
    const state = states[box.dataset.video];
    if (!state) continue;
    show(box, state, true);
    const video = box.querySelector("video");
    if (state.position > 5 && video.currentTime === 0) {
      const seek = () => { video.currentTime = state.position; };
      if (video.readyState) seek();
      else video.addEventListener("loadedmetadata", seek, { once: true });
    }
  }
};

for (const box of boxes) follow(box);
if (boxes.length) resume().catch(() => { /* it starts from the beginning then */ });
