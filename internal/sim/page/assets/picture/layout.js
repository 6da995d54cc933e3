// Where things stand: a lane for each member, in it rows of bars.
const STRIP = 20, SPACE = 8, FEW = 12;

// arrange puts bars into rows: each stream in its own when they are few,
// else as close as they go.
const arrange = (list) => {
  const names = [...new Set(list.map((bar) => bar.name))];
  if (names.length <= FEW) {
    const rowOf = new Map(names.sort((a, b) => rankOf[a] - rankOf[b]).map((name, row) => [name, row]));
    return {rows: names.length, placed: list.map((bar) => ({bar, row: rowOf.get(bar.name)}))};
  }
  const ends = [];
  const placed = list.map((bar) => {
    let row = ends.findIndex((end) => end < bar.from);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = barEnd(bar);
    return {bar, row};
  });
  return {rows: ends.length, placed};
};

// faultRows packs what the scenario broke into a lane of its own.
const faultRows = () => {
  const ends = [];
  return faults.filter(view.shownFault).map((span) => {
    const length = Math.max(span.to, span.from + doc.ended / 8);
    let row = ends.findIndex((end) => end < span.from);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = length;
    return {span, row};
  });
};

// layOut places the lanes for the streams that pass the filter, below a
// headroom; a lane that has none of them is left out, and one that is hidden.
const layOut = (wanted, filtered, space, headroom = 0, hidden = () => false) => {
  const lanes = [], broken = faultRows();
  const faultHeight = broken.length ? 18 * (1 + Math.max(...broken.map((f) => f.row))) + SPACE : 0;
  const members = [...doc.members.keys()].sort((a, b) => natural.compare(doc.members[a], doc.members[b]));
  const sorted = bars.toSorted((a, b) => a.from - b.from);
  for (const member of members) {
    if (hidden(member)) continue;
    const lane = {member, ...arrange(sorted.filter((bar) => bar.member === member && wanted(bar.name)))};
    if (lane.rows > 0 || !filtered) lanes.push(lane);
  }
  const rowCount = lanes.reduce((sum, lane) => sum + Math.max(1, lane.rows), 0);
  const rowHeight = Math.max(6, Math.min(30, Math.floor((space - faultHeight - headroom - lanes.length * (STRIP + SPACE)) / rowCount)));
  let top = faultHeight + headroom;
  for (const lane of lanes) {
    lane.top = top;
    lane.height = STRIP + Math.max(1, lane.rows) * rowHeight + SPACE;
    lane.rowOf = new Map(lane.placed.map(({bar, row}) => [bar, row]));
    lane.barOf = new Map(lane.placed.map(({bar}) => [bar.name + "," + bar.token, bar]));
    top += lane.height;
  }
  const laneOf = new Map(lanes.map((lane) => [lane.member, lane]));
  return {lanes, laneOf, rowHeight, faults: broken, faultHeight, headroom, height: top};
};
