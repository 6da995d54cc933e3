// Where things stand: a lane for each member, in it rows of bars. A bar is a
// lease and the tenure that rests on it.
const bars = (() => {
  const known = new Map(), list = [];
  const barOf = (item) => {
    const key = [item.member, item.name, item.token].join();
    if (!known.has(key)) {
      known.set(key, {member: item.member, name: item.name, token: item.token, from: item.from, to: item.from});
      list.push(known.get(key));
    }
    const bar = known.get(key);
    bar.from = Math.min(bar.from, item.from);
    bar.to = Math.max(bar.to, item.to);
    return bar;
  };
  for (const lease of leases) barOf(lease).lease = lease;
  for (const tenure of tenures) barOf(tenure).tenure = tenure;
  return list.sort((a, b) => a.from - b.from);
})();

const STRIP = 20, SPACE = 8, FEW = 12;

// arrange puts bars into rows: each stream in its own when they are few,
// else as close as they go.
const arrange = (list) => {
  const names = [...new Set(list.map((bar) => bar.name))];
  if (names.length <= FEW) {
    const rowOf = new Map(names.sort((a, b) => order.indexOf(a) - order.indexOf(b)).map((name, row) => [name, row]));
    return {rows: names.length, placed: list.map((bar) => ({bar, row: rowOf.get(bar.name)}))};
  }
  const ends = [];
  const placed = list.map((bar) => {
    let row = ends.findIndex((end) => end < bar.from);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = bar.to;
    return {bar, row};
  });
  return {rows: ends.length, placed};
};

// faultRows packs what the scenario broke into a lane of its own.
const faultRows = (() => {
  const ends = [];
  return spans.filter((s) => s.kind === FAULT).map((span) => {
    const length = Math.max(span.to, span.from + doc.ended / 8);
    let row = ends.findIndex((end) => end < span.from);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = length;
    return {span, row};
  });
})();

const memberOrder = [...doc.members.keys()].sort((a, b) => natural.compare(doc.members[a], doc.members[b]));

// layOut places the lanes for the streams that pass the filter; a lane that has
// none of them is left out.
const layOut = (wanted, filtered, space) => {
  const lanes = [];
  const faultHeight = faultRows.length ? 18 * (1 + Math.max(...faultRows.map((f) => f.row))) + SPACE : 0;
  for (const member of memberOrder) {
    const lane = {member, ...arrange(bars.filter((bar) => bar.member === member && wanted(bar.name)))};
    if (lane.rows > 0 || !filtered) lanes.push(lane);
  }
  const rowCount = lanes.reduce((sum, lane) => sum + Math.max(1, lane.rows), 0);
  const rowHeight = Math.max(6, Math.min(30, Math.floor((space - faultHeight - lanes.length * (STRIP + SPACE)) / rowCount)));
  let top = faultHeight;
  for (const lane of lanes) {
    lane.top = top;
    lane.height = STRIP + Math.max(1, lane.rows) * rowHeight + SPACE;
    lane.rowOf = new Map(lane.placed.map(({bar, row}) => [bar, row]));
    lane.barOf = new Map(lane.placed.map(({bar}) => [bar.name + "," + bar.token, bar]));
    top += lane.height;
  }
  const laneOf = new Map(lanes.map((lane) => [lane.member, lane]));
  return {lanes, laneOf, rowHeight, faultHeight, height: top};
};
