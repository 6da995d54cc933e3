// What a run's document says, as objects, and questions that one asks it.
// A document may come bit by bit: absorb takes each part. Instants are
// microseconds.
const doc = {}, leases = [], tenures = [], spans = [], faults = [], events = [], overlaps = [], bars = [], order = [];
const leasesOf = new Map(), tenuresOf = new Map(), eventsOf = new Map(), overlapsOf = new Map(), assignments = new Map(), barOf = new Map();
const natural = new Intl.Collator("en", {numeric: true});

// forget makes the model empty.
const forget = () => {
  Object.assign(doc, {ended: 0, members: [], names: [], refs: [], tokens: [], texts: [], groups: [], kinds: [], terms: []});
  for (const list of [leases, tenures, spans, faults, events, overlaps, bars, order]) list.length = 0;
  for (const map of [leasesOf, tenuresOf, eventsOf, overlapsOf, assignments, barOf]) map.clear();
};

const text = (number) => number < 0 ? "" : doc.texts[number];
const token = (number) => number < 0 ? "" : doc.tokens[number];
const refOf = (number) => number < 0 ? null : doc.refs[number];
const nameOf = (ref) => ref < 0 ? -1 : doc.refs[ref].n;

// What the fields of a row are, after its number.
const readers = {
  leases: ([member, ref, tok, from, to, terms, live]) => ({member, ref, name: nameOf(ref), token: tok, from, to, terms, live: live === 1}),
  tenures: ([member, ref, tok, from, to, valid, terms, live, beginning, ending]) =>
    ({member, ref, name: nameOf(ref), token: tok, from, to, valid, terms, live: live === 1, beginning, ending}),
  spans: ([member, kind, from, to, txt]) => ({member, kind, from, to, text: text(txt)}),
  faults: ([from, to, txt]) => ({from, to, text: text(txt)}),
  events: ([at, kind, group, ref, tok, txt, until]) =>
    ({at, kind: doc.kinds[kind], members: group < 0 ? [] : doc.groups[group], ref, name: nameOf(ref), token: tok, text: text(txt), until}),
  overlaps: ([name, from, to, txt]) => ({name, from, to, text: text(txt)}),
};
const ALIVE = 0, FROZEN = 1, CUT = 2;

const addTo = (map, key, item) => {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(item);
};

// absorb takes a document, or the next part of one.
const absorb = (patch) => {
  doc.ended = patch.ended;
  for (const table of ["members", "names", "refs", "tokens", "texts", "groups", "kinds"]) doc[table].push(...patch[table] || []);
  for (const ref of patch.refs || []) if (ref.i) assignments.set(ref.n, (assignments.get(ref.n) || 0) + 1);
  for (const [number, ...terms] of patch.terms || []) (doc.terms[number] ??= []).push(...terms);
  absorbRows("leases", patch, leases, (lease) => { addTo(leasesOf, lease.name, lease); barFor(lease).lease = lease; });
  absorbRows("tenures", patch, tenures, (tenure) => { addTo(tenuresOf, tenure.name, tenure); barFor(tenure).tenure = tenure; });
  absorbRows("spans", patch, spans);
  absorbRows("faults", patch, faults);
  absorbRows("events", patch, events, (event) => addTo(eventsOf, event.name, event));
  absorbRows("overlaps", patch, overlaps, (overlap) => addTo(overlapsOf, overlap.name, overlap));
  if (patch.names) sortNames();
};

const absorbRows = (kind, patch, list, added) => {
  for (const [number, ...row] of patch[kind] || []) {
    const item = readers[kind](row), known = list[number];
    if (known) Object.assign(known, item);
    else {
      item.index = number;
      list.push(item);
      if (added) added(item);
    }
  }
};

// A bar is a lease and the tenure that rests on it.
const barFor = (item) => {
  const key = [item.member, item.name, item.token].join();
  if (!barOf.has(key)) {
    barOf.set(key, {member: item.member, name: item.name, token: item.token, from: item.from, lease: null, tenure: null});
    bars.push(barOf.get(key));
  }
  const bar = barOf.get(key);
  bar.from = Math.min(bar.from, item.from);
  return bar;
};
const barEnd = (bar) => Math.max(bar.from, bar.lease ? bar.lease.to : 0, bar.tenure ? bar.tenure.to : 0);

// order is how names are listed; rankOf is where one stands in it.
const rankOf = [];
const sortNames = () => {
  order.length = 0;
  order.push(...doc.names.keys());
  order.sort((a, b) => natural.compare(doc.names[a], doc.names[b]));
  order.forEach((name, rank) => { rankOf[name] = rank; });
};

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

const during = (kind, member, at) => spans.some((s) => s.kind === kind && s.member === member && s.from <= at && at < s.to);
const isFrozen = (member, at) => during(FROZEN, member, at);
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

// hue: tokens that follow one another get colours far apart, and none is red.
const hue = (tok) => 40 + Math.max(0, tok) * 0.618034 % 1 * 280;

forget();
