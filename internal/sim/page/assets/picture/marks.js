// Marks: what happened at an instant.
const MANY = 2500; // marks in sight, from which on the common ones would hide the rest
const shapes = {
  down: (pen, px, y) => triangle(pen, px, y, 4, 1),
  up: (pen, px, y) => triangle(pen, px, y, 5, -1),
  dot: (pen, px, y) => { pen.beginPath(); pen.arc(px, y, 2.4, 0, 7); pen.fill(); },
  diamond: (pen, px, y) => { pen.beginPath(); pen.moveTo(px, y - 6); pen.lineTo(px + 5, y); pen.lineTo(px, y + 6); pen.lineTo(px - 5, y); pen.closePath(); pen.fill(); },
  cross: (pen, px, y) => { pen.lineWidth = 2.4; pen.beginPath(); pen.moveTo(px - 4, y - 4); pen.lineTo(px + 4, y + 4); pen.moveTo(px + 4, y - 4); pen.lineTo(px - 4, y + 4); pen.stroke(); pen.lineWidth = 1; },
  tick: (pen, px, y) => { pen.lineWidth = 1.6; pen.beginPath(); pen.moveTo(px - 3, y); pen.lineTo(px - 1, y + 3); pen.lineTo(px + 3.5, y - 3.5); pen.stroke(); pen.lineWidth = 1; },
  dagger: (pen, px, y) => { pen.fillRect(px - 1, y - 7, 2.4, 14); pen.fillRect(px - 4, y - 3.5, 8.4, 2.4); },
};
const triangle = (pen, px, y, size, way) => {
  pen.beginPath();
  pen.moveTo(px - size, y - way * size / 2);
  pen.lineTo(px + size, y - way * size / 2);
  pen.lineTo(px, y + way * size);
  pen.closePath();
  if (pen.hollow) pen.stroke(); else pen.fill();
};

const takenOver = (e) => e.kind === "began" && e.text !== "assigned";
const styleOf = (e) => {
  switch (e.kind) {
    case "hinted": return {shape: "down", colour: "ink", common: true};
    case "hint lost": return {shape: "down", colour: "faint", hollow: true, common: true};
    case "began": return takenOver(e) ? {shape: "up", colour: "ink", row: true, beside: -8} : null;
    case "wrote": return {shape: "dot", colour: "ink", row: true, common: true};
    case "settled": return {shape: "tick", colour: "ink", row: true, common: true};
    case "corrupted": return {shape: "diamond", colour: "bad", row: true};
    case "fenced": case "save refused": case "take refused": case "settle refused": return {shape: "cross", colour: "bad", row: true};
    case "crashed": return {shape: "dagger", colour: "bad"};
    case "fault": return {shape: "diamond", colour: "cut"};
    default: return null;
  }
};

const passes = (e) => e.name < 0 || view.wanted(e.name);

const paintMarks = (pen, top, bottom) => {
  const first = lastAt(events, view.from - 1, "at") + 1, last = lastAt(events, view.to, "at");
  const crowded = last - first > MANY;
  for (let i = first; i <= last; i++) {
    const e = events[i], style = styleOf(e);
    if (!style || !passes(e) || crowded && style.common) continue;
    for (const member of e.members) paintMark(pen, e, style, view.layout.laneOf.get(member), top, bottom);
  }
  for (const e of events) if (e.kind === "violated" && e.at >= view.from && e.at <= view.to) paintViolation(pen, e);
};

const paintMark = (pen, e, style, lane, top, bottom) => {
  if (!lane) return;
  const {rowHeight} = view.layout;
  const bar = style.row ? lane.barOf.get(e.name + "," + e.token) : null;
  const y = bar && rowHeight > 10 ? lane.top + STRIP + lane.rowOf.get(bar) * rowHeight + (rowHeight - 3) / 2 : lane.top + 11;
  if (y < top - 10 || y > bottom + 10) return;
  const px = x(e.at) + (bar && style.beside || 0);
  pen.fillStyle = pen.strokeStyle = theme.ground; // a rim, so that it shows on every colour
  pen.hollow = style.hollow;
  if (bar) {
    pen.globalAlpha = 0.85;
    pen.beginPath();
    pen.arc(px, y, style.shape === "dot" ? 4 : 6.5, 0, 7);
    pen.fill();
    pen.globalAlpha = 1;
  }
  pen.fillStyle = pen.strokeStyle = theme[style.colour];
  shapes[style.shape](pen, px, y);
  view.spots.push({left: px - 5, right: px + 5, top: y - 7, bottom: y + 7, event: e});
};

const paintViolation = (pen, e) => {
  const px = x(e.at);
  pen.fillStyle = theme.bad;
  pen.fillRect(px - 2, 0, 4, view.layout.height);
  const words = e.text.split(":")[0] + " violated", width = pen.measureText(words).width + 10;
  const left = px + width + 4 > box.clientWidth ? px - 4 - width : px + 4;
  pen.fillRect(left, box.scrollTop + 2, width, 16);
  pen.fillStyle = theme.ground;
  pen.fillText(words, left + 5, box.scrollTop + 10);
  view.spots.push({left: px - 4, right: px + 4, top: 0, bottom: view.layout.height, event: e});
};
