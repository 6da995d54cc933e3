// What flies: announcements into the load-balancer stream, streams from there
// to their owners and from owner to owner, hints from the store to members.
const FLIGHT = 700; // milliseconds of real time
const ease = (part) => part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part);
const sourceY = (sourceTop + sourceBottom) / 2;

const laneY = (member, e) => {
  const lane = view.layout.laneOf.get(member);
  if (!lane) return null;
  const bar = e && lane.barOf.get(e.name + "," + e.token);
  return bar ? lane.top + STRIP + (lane.rowOf.get(bar) + 0.5) * view.layout.rowHeight : lane.top + 11;
};

// formerOwner is who owned the stream before a tenure began.
const formerOwner = (e) => {
  let former = null;
  for (const t of tenuresOf.get(e.name) || []) if (t.from < e.at) former = t;
  return former;
};

// flightsOf lists from where to where something flies because of an event.
const flightsOf = (e) => {
  switch (e.kind) {
    case "announced": return [{from: 2, to: sourceY, shape: "dot", colour: theme.accent}];
    case "began": {
      const former = takenOver(e) ? formerOwner(e) : null;
      const from = former ? laneY(former.member, former) : sourceY;
      return [{from: from ?? sourceY, to: laneY(e.members[0], e), shape: "dot", colour: strong(e.token), large: true}];
    }
    case "hinted": return e.text === "gap" ? [] : e.members.map((m) => ({from: sourceY, to: laneY(m), shape: "down", colour: theme.ink}));
    case "hint lost": return e.members.map((m) => ({from: sourceY, to: laneY(m), shape: "down", colour: theme.faint, lost: true}));
    case "settled": return e.text === "Done" ? [{from: laneY(e.members[0], e), to: sourceY, shape: "tick", colour: theme.good}] : [];
    default: return [];
  }
};

const MOST_FLIGHTS = 150;
const paintFlights = (pen) => {
  const lasting = FLIGHT * 1000 * Math.min(play.speed, 2);
  const first = Math.max(lastAt(events, view.at - lasting, "at") + 1, events.length - 3 * MOST_FLIGHTS);
  let flying = 0;
  for (let i = events.length - 1; i >= first && flying < MOST_FLIGHTS; i--) {
    const e = events[i], part = (view.at - e.at) / lasting;
    if (part < 0 || part > 1) continue;
    for (const flight of flightsOf(e)) {
      if (flight.to === null || flight.from === null) continue;
      flying++;
      paintFlight(pen, flight, flight.lost ? Math.min(part, 0.55) : part, i);
    }
  }
};

const paintFlight = (pen, flight, part, number) => {
  const px = x(view.at) + 10 + number * 7 % 46, y = flight.from + (flight.to - flight.from) * ease(part);
  pen.globalAlpha = flight.lost ? 0.9 - part : 1;
  pen.fillStyle = pen.strokeStyle = flight.colour;
  pen.hollow = flight.lost;
  if (flight.large) {
    pen.beginPath();
    pen.arc(px, y, 5, 0, 7);
    pen.fill();
  } else shapes[flight.shape](pen, px, y);
  pen.hollow = false;
  pen.globalAlpha = 1;
};

// paintFuture pales what has not happened: leases reach into it, and may yet
// be renewed.
const paintFuture = (pen) => {
  const px = edge(x(doc.ended));
  pen.globalAlpha = 0.55;
  pen.fillStyle = theme.ground;
  pen.fillRect(px, HEADROOM, box.clientWidth - px, view.layout.height);
  pen.globalAlpha = 1;
};
