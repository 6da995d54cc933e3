// The load-balancer stream: how many announced streams wait for an owner, as
// it fills and drains.
const HEADROOM = 64;
const sourceTop = 18, sourceBottom = HEADROOM - 6;

// changesOf lists by how much the number of those that wait changes, and when.
const changesOf = () => {
  const changes = [];
  for (const e of events) {
    if (e.kind === "announced") changes.push([e.at, 1]);
    if (e.kind === "settled" && (e.text === "Done" || e.text === "Quarantined")) changes.push([e.at, -1]);
  }
  for (const t of tenures) {
    changes.push([t.from, -1]);
    if (t.valid <= doc.ended && !(t.live && t.valid === doc.ended)) changes.push([t.valid, 1]);
  }
  return changes.sort((a, b) => a[0] - b[0]);
};

// waitingLine is the number of those that wait, as steps.
let waitingLine = [];
const countWaiting = () => {
  let count = 0;
  waitingLine = changesOf().map(([at, by]) => ({at, count: Math.max(0, count += by)}));
};
const waitingAt = (at) => { const i = lastAt(waitingLine, at, "at"); return i < 0 ? 0 : waitingLine[i].count; };

const paintSource = (pen) => {
  const end = Math.min(doc.ended, view.to), first = Math.max(0, lastAt(waitingLine, view.from, "at"));
  const shown = waitingLine.slice(first, lastAt(waitingLine, end, "at") + 1);
  const most = Math.max(6, ...shown.map((s) => s.count));
  const y = (count) => sourceBottom - count / most * (sourceBottom - sourceTop);
  pen.fillStyle = theme.lane;
  pen.fillRect(0, 0, box.clientWidth, HEADROOM - 4);
  pen.fillStyle = pen.strokeStyle = theme.accent;
  pen.beginPath();
  pen.moveTo(GUTTER, sourceBottom);
  let last = waitingAt(view.from);
  pen.lineTo(GUTTER, y(last));
  for (const {at, count} of shown) {
    if (at < view.from) continue;
    pen.lineTo(x(at), y(last));
    pen.lineTo(x(at), y(last = count));
  }
  pen.lineTo(edge(x(end)), y(last));
  pen.lineTo(edge(x(end)), sourceBottom);
  pen.closePath();
  pen.globalAlpha = 0.35;
  pen.fill();
  pen.globalAlpha = 1;
  pen.stroke();
  pen.textAlign = "left";
  pen.fillStyle = theme.ink;
  pen.font = "600 " + FONT;
  pen.fillText("load-balancer stream", 8, 11);
  pen.font = FONT;
  pen.fillStyle = theme.faint;
  pen.fillText(last + " waiting", 8, 32);
};
