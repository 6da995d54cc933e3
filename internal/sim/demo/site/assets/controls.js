// What one can press, and the address, which is the run.
const byID = (id) => document.getElementById(id);

// click lets something happen at the present.
const click = (words) => {
  byID("refusal").textContent = stage.click(words.replace("STREAM", byID("stream").value));
  take();
  keepAddress();
};

let address = "", kept = 0;

// keepAddress writes the run into the address, not more often than browsers
// allow.
const keepAddress = () => {
  if (performance.now() - kept < 400 && play.playing) return;
  kept = performance.now();
  history.replaceState(null, "", "#" + address);
};

const showAddress = (news) => {
  address = news.link;
  byID("replay").value = `go run ./cmd/sim replay --clicks '${news.link}'`;
  put("hash", news.hash);
};

const showTally = (tally) => {
  const facts = [
    [`${tally.announced - tally.done - tally.quarantined} streams`], [`${tally.done} done`], [`${tally.quarantined} in quarantine`],
    [`${tally.writes} writes`], [`${tally.refused} late writes refused`], [`${tally.corrupted} writes corrupted`, tally.corrupted > 0],
    [`${overlaps.filter((o) => o.to > o.from).length} overlaps`, overlaps.some((o) => o.to > o.from)],
  ];
  const list = byID("tally");
  if (list.children.length === 0) list.append(...facts.map(() => element("li")));
  facts.forEach(([words, wrong], i) => {
    const item = list.children[i];
    if (item.textContent !== words) item.textContent = words;
    item.className = wrong ? "bad" : "";
  });
};

// showStreams keeps the choice of a stream as long as it is pending.
let offered = "";
const showStreams = () => {
  const pending = order.filter((name) => { const p = pendingAt(name, doc.ended); return p.announced > p.finished; });
  const key = pending.join();
  if (key === offered) return;
  offered = key;
  const select = byID("stream"), chosenName = select.value;
  select.replaceChildren(...pending.map((name) => element("option", doc.names[name])));
  if (pending.some((name) => doc.names[name] === chosenName)) select.value = chosenName;
  for (const button of document.querySelectorAll("[data-click*=STREAM]")) button.disabled = pending.length === 0;
};

const startControls = () => {
  byID("play").addEventListener("click", () => setPlaying(!play.playing));
  byID("step").addEventListener("click", step);
  byID("speed").addEventListener("change", () => { play.speed = Number(byID("speed").value); });
  byID("time").addEventListener("input", () => seek(Number(byID("time").value) * 1e6));
  byID("closer").addEventListener("click", () => zoom(0.7));
  byID("wider").addEventListener("click", () => zoom(1 / 0.7));
  for (const button of document.querySelectorAll("[data-click]")) button.addEventListener("click", () => click(button.dataset.click));
  for (const id of ["fencing", "sweep"]) byID(id).addEventListener("change", setProtections);
  byID("another").addEventListener("submit", (event) => {
    event.preventDefault();
    open(`seed=${byID("seed").value}&members=${byID("count").value}`);
  });
  document.addEventListener("keydown", pressed);
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
};

const setProtections = () => {
  stage.set(byID("fencing").checked, byID("sweep").checked);
  take();
  keepAddress();
};

const keys = {" ": () => setPlaying(!play.playing), n: () => step(), "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7)};
const pressed = (event) => {
  const busy = /^(INPUT|SELECT|BUTTON|TEXTAREA)$/.test(event.target.tagName);
  if (busy || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keys[event.key]();
};
