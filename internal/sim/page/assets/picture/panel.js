// The table of owners, and the list of events.
const element = (tag, words, kind) => {
  const made = document.createElement(tag);
  if (words !== undefined) made.textContent = words;
  if (kind) made.className = kind;
  return made;
};
const owners = document.getElementById("owners"), list = document.getElementById("events"), listBox = document.getElementById("list");
const FEW_ROWS = 30, MOST_ROWS = 200, MOST_EVENTS = 240;

// ownerCells says who owns a stream, with what, until when.
const ownerCells = (name, at) => {
  const held = ownersAt(name, at), lease = leaseAt(name, at);
  const leaseUntil = lease ? seconds(untilAt(lease.terms, at)) : "";
  if (held.length) {
    return held.map((t) => ({
      owner: label(t.member) + (isFrozen(t.member, at) ? " (stands still)" : ""), token: t.token, wrong: held.length > 1,
      lease: lease && lease.token === t.token ? leaseUntil : "ended", believes: seconds(untilAt(t.terms, at) ?? t.valid),
    }));
  }
  const stale = (tenuresOf.get(name) || []).find((t) => t.valid <= at && (at < t.to || t.live && at === t.to));
  const {announced, finished} = pendingAt(name, at);
  const state = announced === 0 ? "not announced" : finished >= announced ? "done" : stale ? `nobody (the right of ${label(stale.member)} is over)` : lease ? `nobody (leased to ${label(lease.member)})` : "nobody";
  return [{owner: state, token: lease ? lease.token : -1, lease: leaseUntil, believes: "", idle: true}];
};

// urgency sorts a long table: two owners, none, one, and last what needs none.
// A short one only has two owners first.
const urgency = (cells) => cells.length > 1 ? 0 : !cells[0].idle ? 2 : cells[0].owner.startsWith("nobody") ? 1 : 3;

const showOwners = (pick) => {
  document.getElementById("now").textContent = seconds(view.at);
  const made = [], lines = order.filter(view.wanted).map((name) => ({name, cells: ownerCells(name, view.at)}));
  const rank = lines.length > FEW_ROWS ? urgency : (cells) => Math.min(1, urgency(cells));
  lines.sort((a, b) => rank(a.cells) - rank(b.cells));
  for (const {name, cells: all} of lines.slice(0, MOST_ROWS)) {
    for (const cells of all) {
      const row = element("tr", undefined, cells.wrong ? "bad" : cells.idle ? "faint" : "");
      const first = element("td", doc.names[name], "name");
      first.addEventListener("click", () => pick(doc.names[name]));
      const tok = element("td");
      if (cells.token >= 0) {
        const swatch = element("i", "", "swatch");
        swatch.style.background = strong(cells.token);
        tok.append(swatch, token(cells.token));
      }
      row.append(first, element("td", cells.owner), tok, element("td", cells.lease), element("td", cells.believes));
      made.push(row);
    }
  }
  owners.replaceChildren(...made);
  document.getElementById("more").textContent = lines.length > MOST_ROWS ? `and ${lines.length - MOST_ROWS} more: write a part of a name into “Streams”` : "";
};

const chosen = new Set(["ownership", "writes", "refused", "hints", "faults"]);
let listed = events, listedFor = null, shownFrom = -1, shownTo = -1;

// relist filters the events by kind and stream.
const relist = () => {
  const kinds = new Set([...chosen].flatMap((group) => kindsOf[group]));
  listed = events.filter((e) => kinds.has(e.kind) && passes(e));
  listedFor = null;
};

const eventLine = (e, setTime) => {
  const item = element("li"), button = element("button");
  button.type = "button";
  button.append(element("time", seconds(e.at)), element("span", sentence(e), wrong.has(e.kind) ? "wrong" : ""));
  button.addEventListener("click", () => setTime(e.at));
  button.dataset.index = e.index;
  item.append(button);
  return item;
};

// showEvents keeps the part of the list around the time, and marks where it is.
const showEvents = (setTime) => {
  const current = lastAt(listed, view.at, "at");
  if (listedFor !== listed || current < shownFrom + 20 && shownFrom > 0 || current > shownTo - 20 && shownTo < listed.length) {
    listedFor = listed;
    shownFrom = Math.max(0, Math.min(current - MOST_EVENTS / 2, listed.length - MOST_EVENTS));
    shownTo = Math.min(listed.length, shownFrom + MOST_EVENTS);
    const made = listed.slice(shownFrom, shownTo).map((e) => eventLine(e, setTime));
    if (shownFrom > 0) made.unshift(element("li", `… ${shownFrom} events before`, "faint"));
    if (shownTo < listed.length) made.push(element("li", `… ${listed.length - shownTo} events after`, "faint"));
    list.replaceChildren(...made);
  }
  let line = null;
  for (const button of list.querySelectorAll("button")) {
    const at = events[button.dataset.index].at;
    const now = current >= 0 && at === listed[current].at;
    button.className = now ? "current" : at > view.at ? "later" : "";
    if (now) line = line || button;
  }
  if (line) listBox.scrollTop = line.offsetTop - listBox.offsetTop - listBox.clientHeight / 3;
};

// startKinds lets one choose which events are listed.
const startKinds = (changed) => {
  for (const group of Object.keys(kindsOf)) {
    const line = element("label"), tick = element("input");
    tick.type = "checkbox";
    tick.checked = chosen.has(group);
    tick.addEventListener("change", () => { if (tick.checked) chosen.add(group); else chosen.delete(group); relist(); changed(); });
    line.append(tick, group);
    document.getElementById("kinds").append(line);
  }
};
