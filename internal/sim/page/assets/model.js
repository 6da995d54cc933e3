// What the document says, as objects, and questions that one asks it.
// Instants are microseconds.
const doc = JSON.parse(document.getElementById("run").textContent);
const rows = (list) => list || [];
const text = (number) => number < 0 ? "" : doc.texts[number];
const token = (number) => number < 0 ? "" : doc.tokens[number];
const refOf = (number) => number < 0 ? null : doc.refs[number];
const nameOf = (ref) => ref < 0 ? -1 : doc.refs[ref].n;

const leases = rows(doc.leases).map(([member, ref, tok, from, to, terms, live]) =>
  ({member, ref, name: nameOf(ref), token: tok, from, to, terms, live: live === 1}));
const tenures = rows(doc.tenures).map(([member, ref, tok, from, to, valid, terms, live, beginning, ending]) =>
  ({member, ref, name: nameOf(ref), token: tok, from, to, valid, terms, live: live === 1, beginning, ending}));
const spans = rows(doc.spans).map(([member, kind, from, to, txt]) => ({member, kind, from, to, text: text(txt)}));
const events = rows(doc.events).map(([at, kind, group, ref, tok, txt, until], index) =>
  ({index, at, kind: doc.kinds[kind], members: group < 0 ? [] : doc.groups[group], ref, name: nameOf(ref), token: tok, text: text(txt), until}));
const overlaps = rows(doc.overlaps).map(([name, from, to, txt]) => ({name, from, to, text: text(txt)}));
const ALIVE = 0, FROZEN = 1, CUT = 2, FAULT = 3;

const grouped = (list) => {
  const by = new Map();
  for (const item of list) {
    if (!by.has(item.name)) by.set(item.name, []);
    by.get(item.name).push(item);
  }
  return by;
};
const leasesOf = grouped(leases), tenuresOf = grouped(tenures), eventsOf = grouped(events), overlapsOf = grouped(overlaps);

// lastAt is the index of the last item of a sorted list that is not after an
// instant; -1: there is none.
const lastAt = (list, at, key) => {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][key] <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
};

// untilAt is when something was to end, as it was settled at an instant.
const untilAt = (terms, at) => {
  const list = doc.terms[terms] || [];
  let until = null;
  for (let i = 0; i < list.length && list[i] <= at; i += 2) until = list[i + 1];
  return until;
};

const isFrozen = (member, at) => spans.some((s) => s.kind === FROZEN && s.member === member && s.from <= at && at < s.to);
const lasts = (item, at, end) => item.from <= at && (at < item[end] || item.live && at <= item[end]);
const ownersAt = (name, at) => (tenuresOf.get(name) || []).filter((t) => lasts(t, at, "valid") && t.from <= at);
const leaseAt = (name, at) => (leasesOf.get(name) || []).filter((l) => lasts(l, at, "to")).pop();

// pendingAt says how many assignments of a name were announced, and how many of
// them were finished.
const pendingAt = (name, at) => {
  let announced = 0, finished = 0;
  for (const e of eventsOf.get(name) || []) {
    if (e.at > at) break;
    if (e.kind === "announced") announced++;
    if (e.kind === "settled" && (e.text === "Done" || e.text === "Quarantined")) finished++;
  }
  return {announced, finished};
};

const natural = new Intl.Collator("en", {numeric: true});
const order = doc.names ? doc.names.map((_, i) => i).sort((a, b) => natural.compare(doc.names[a], doc.names[b])) : [];

// hue: tokens that follow one another get colours far apart, and none is red.
const hue = (tok) => 40 + Math.max(0, tok) * 0.618034 % 1 * 280;
