// The controls, and what they change.
const byID = (id) => document.getElementById(id);
const slider = byID("time"), instant = byID("instant"), filter = byID("filter");
let waiting = false;

const show = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    slider.value = view.at / 1e6;
    slider.setAttribute("aria-valuetext", seconds(view.at));
    if (document.activeElement !== instant) instant.value = (view.at / 1e6).toFixed(3);
    paint();
    showOwners((name) => { filter.value = filter.value === name ? "" : name; applyFilter(); });
    showEvents(setTime);
    document.documentElement.dataset.painted = String(view.at);
  });
};

const setTime = (at) => {
  view.at = Math.max(0, Math.min(doc.ended, Math.round(at)));
  if (view.at < view.from || view.at > view.to) {
    const half = (view.to - view.from) / 2;
    setWindow(view.at - half, view.at + half);
  }
  show();
};

const setWindow = (from, to) => {
  const length = Math.max(2000, Math.min(doc.ended, to - from));
  view.from = Math.max(0, Math.min(from, doc.ended - length));
  view.to = view.from + length;
  show();
};
const zoom = (by, at = view.at) => setWindow(at - (at - view.from) * by, at + (view.to - at) * by);
const move = (by) => setWindow(view.from + by, view.to + by);

const relayout = () => {
  view.layout = layOut(view.wanted, filter.value.trim() !== "", Math.max(420, innerHeight * 0.76));
  byID("tall").style.height = view.layout.height + "px";
  show();
};

// applyFilter: a whole name is that stream alone, anything else is a part.
const applyFilter = () => {
  const part = filter.value.trim().toLowerCase();
  const exact = doc.names.findIndex((name) => name.toLowerCase() === part);
  view.wanted = part === "" ? () => true : exact >= 0 ? (name) => name === exact : (name) => doc.names[name].toLowerCase().includes(part);
  relist();
  relayout();
};

const step = (way) => {
  const current = lastAt(listed, view.at, "at");
  let next = way > 0 ? current + 1 : current;
  while (next >= 0 && next < listed.length && way < 0 && listed[next].at >= view.at) next--;
  if (next >= 0 && next < listed.length) setTime(listed[next].at);
};

const keys = {
  ArrowLeft: () => setTime(view.at - (view.to - view.from) / 200), ArrowRight: () => setTime(view.at + (view.to - view.from) / 200),
  "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), "0": () => setWindow(0, doc.ended),
  n: () => step(1), p: () => step(-1), Home: () => setTime(0), End: () => setTime(doc.ended),
};

const start = () => {
  const whole = JSON.parse(byID("run").textContent);
  const [from, to] = whole.window;
  absorb(whole);
  Object.assign(view, {from, to, at: whole.focus ?? 0});
  readTheme();
  slider.max = doc.ended / 1e6;
  slider.step = "any";
  slider.addEventListener("input", () => setTime(Number(slider.value) * 1e6));
  slider.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault(); // a hundredth of the whole run is too far
    keys[event.key]();
  });
  instant.max = (doc.ended / 1e6).toFixed(3);
  instant.addEventListener("change", () => setTime(Number(instant.value) * 1e6));
  filter.addEventListener("input", applyFilter);
  byID("previous").addEventListener("click", () => step(-1));
  byID("next").addEventListener("click", () => step(1));
  byID("closer").addEventListener("click", () => zoom(0.6));
  byID("wider").addEventListener("click", () => zoom(1 / 0.6));
  byID("whole").addEventListener("click", () => setWindow(0, doc.ended));
  byID("focus").addEventListener("click", () => { setWindow(from, to); setTime(whole.focus ?? 0); });
  box.addEventListener("scroll", show);
  box.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  startPointer(setTime, zoom, move);
  startKinds(show);
  startCopy();
  window.addEventListener("resize", relayout);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readTheme(); show(); });
  applyFilter();
};
start();
