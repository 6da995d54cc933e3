// The run goes on with the frames of the screen, and the page shows its news.
const play = {playing: false, speed: 1, last: 0, told: 0, listed: 0, reached: 0, until: 0, span: 40e6, dirty: true};
const NEWS_EVERY = 60; // milliseconds; to read them costs more than to paint

// take shows what is new of the run.
const take = () => {
  const news = JSON.parse(stage.news());
  if (news.again) {
    forget();
    relist();
  }
  absorb(news.patch);
  play.told = performance.now();
  play.reached = Math.max(play.reached, doc.ended);
  play.dirty = true;
  countWaiting();
  relayout();
  relist();
  showMembers();
  showStreams();
  showTour(news.tour);
  showTally(news.tally);
  showAddress(news);
  showLists();
  if (news.broken) byID("refusal").textContent = "The simulated program panicked; the run is over. Please report its address.";
};

// showLists shows table and list, not more often than one can read.
const showLists = () => {
  if (play.playing && performance.now() - play.listed < 250) return;
  play.listed = performance.now();
  showOwners(choose);
  showEvents((at) => { setPlaying(false); seek(at); });
};

// relayout: lanes of processes that ended before what is seen are left out.
const relayout = () => {
  follow();
  const gone = (member) => {
    const life = spans.findLast((s) => s.kind === ALIVE && s.member === member);
    return life && life.to < view.from;
  };
  view.layout = layOut(view.wanted, false, Math.max(300, innerHeight * 0.6), HEADROOM, gone);
  byID("tall").style.height = view.layout.height + "px";
};

// follow keeps the present in sight, with some time after it for leases that
// reach further.
const follow = () => {
  view.at = doc.ended;
  view.to = Math.max(play.span, doc.ended + play.span * 0.16);
  view.from = view.to - play.span;
};

const zoom = (by) => {
  play.span = Math.max(2e6, Math.min(600e6, play.span * by));
  relayout();
  play.dirty = true;
};

const setPlaying = (playing) => {
  play.playing = playing;
  byID("play").textContent = playing ? "❚❚ Pause" : "▶ Play";
  take();
  kept = 0;
  keepAddress();
};

const step = () => {
  play.playing = true;
  setPlaying(false);
  stage.step();
  take();
  keepAddress();
};

// seek goes to any moment: back by playing again, forward by going on.
const seek = (at) => {
  if (at < doc.ended) stage.backTo(at); else stage.goOn(at);
  take();
  keepAddress();
};

// open begins the run of a link. One that has an end is played to it.
const open = (link) => {
  const refused = stage.open(link);
  byID("refusal").textContent = refused;
  if (refused) return;
  const values = new URLSearchParams(link), until = readSeconds(values.get("until"));
  Object.assign(play, {reached: until, until});
  const without = (values.get("without") || "").split(" ");
  byID("fencing").checked = without.includes("fencing");
  byID("sweep").checked = without.includes("sweep");
  byID("seed").value = values.get("seed") || "1";
  byID("count").value = values.get("members") || "3";
  stage.goOn(Math.min(until || OPENING, OPENING)); // the members have begun
  setPlaying(until > OPENING);
};
const OPENING = 300e3;

// readSeconds reads a duration as links write it, as 1m2.5s, in microseconds.
const readSeconds = (text) => {
  const units = {h: 3600e6, m: 60e6, s: 1e6, ms: 1e3, "µs": 1, ns: 1e-3};
  let sum = 0;
  for (const [, number, unit] of (text || "").matchAll(/([\d.]+)(h|ms|µs|ns|m|s)/g)) sum += Number(number) * units[unit];
  return Math.round(sum);
};

const frame = (time) => {
  requestAnimationFrame(frame);
  const passed = Math.min(100, time - play.last);
  play.last = time;
  if (play.playing) goOn(passed * 1000 * play.speed);
  if (!play.dirty) return;
  play.dirty = false;
  paint();
  showTime();
};

const goOn = (by) => {
  let to = Math.round((stage.present() + by) / 1000) * 1000; // a link says milliseconds in few digits
  const ends = play.until > stage.present() && to >= play.until;
  if (ends) to = play.until;
  stage.goOn(to);
  if (ends) {
    setPlaying(false);
    return;
  }
  if (performance.now() - play.told > NEWS_EVERY) {
    take();
    keepAddress();
  } else {
    doc.ended = to;
    follow();
    play.dirty = true;
  }
};

const showTime = () => {
  const slider = byID("time");
  slider.max = Math.max(1, play.reached / 1e6);
  if (document.activeElement !== slider || play.playing) slider.value = doc.ended / 1e6;
  put("now", seconds(doc.ended));
  document.documentElement.dataset.painted = String(doc.ended);
  document.documentElement.dataset.frames = String(Number(document.documentElement.dataset.frames || 0) + 1);
};

const choose = (name) => { byID("stream").value = name; };

const start = () => {
  readTheme();
  chosen.delete("writes"); // they come all the time
  view.shownFault = (fault) => fault.to >= view.from && !/^(announce|burst|finish) /.test(fault.text);
  view.layers.push(paintFuture, paintSource, paintFlights);
  startTour();
  startControls();
  startPointer(() => {}, zoom, () => {});
  startKinds(() => { play.dirty = true; });
  startCopy();
  window.addEventListener("resize", () => { relayout(); play.dirty = true; });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readTheme(); play.dirty = true; });
  document.body.classList.remove("starting");
  byID("loading").remove();
  open(location.hash.slice(1));
  requestAnimationFrame(frame);
};
