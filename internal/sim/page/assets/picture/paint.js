// The picture, as it is painted: only what can be seen.
const GUTTER = 92;
const canvas = document.getElementById("canvas"), axis = document.getElementById("axis"), box = document.getElementById("lanes");
const view = {from: 0, to: 1, at: 0, layout: null, wanted: () => true, shownFault: () => true, spots: [], layers: []};
const FONT = "12px system-ui, 'DejaVu Sans', sans-serif";

let theme = {};
const readTheme = () => {
  const style = getComputedStyle(document.documentElement);
  for (const key of ["ground", "lane", "alive", "ink", "faint", "line", "bad", "good", "accent", "frozen", "cut", "strength", "light", "outer-light"]) theme[key] = style.getPropertyValue("--" + key).trim();
};
const strong = (tok) => `hsl(${hue(tok)} ${theme.strength} ${theme.light})`;
const pale = (tok) => `hsl(${hue(tok)} 55% ${theme["outer-light"]})`;

// inkOn is what can be read on the colour of a token, by its luminance.
const inkOn = (tok) => {
  const s = parseFloat(theme.strength) / 100, l = parseFloat(theme.light) / 100;
  const channel = (n) => {
    const k = (n + hue(tok) / 30) % 12, value = l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return value <= 0.04 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(4) > 0.19 ? "#0e1217" : "#ffffff";
};

const fit = (element, width, height) => {
  const ratio = window.devicePixelRatio || 1;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  element.style.height = height + "px";
  const pen = element.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = FONT;
  pen.textBaseline = "middle";
  return pen;
};
const room = () => Math.max(100, box.clientWidth - GUTTER - 10);
const x = (at) => GUTTER + (at - view.from) / (view.to - view.from) * room();
const instantOf = (px) => view.from + (px - GUTTER) / room() * (view.to - view.from);
const edge = (px) => Math.max(GUTTER, Math.min(GUTTER + room() + 10, px));

// reach is how far a span is drawn: of what goes on nobody knows more than has happened.
const reach = (span) => edge(x(Math.min(span.to, doc.ended)));

// clip shortens a text to a width.
const clip = (pen, words, width) => {
  if (pen.measureText(words).width <= width) return words;
  let length = words.length;
  while (length > 1 && pen.measureText(words.slice(0, length) + "…").width > width) length--;
  return length > 1 ? words.slice(0, length) + "…" : "";
};

const paintAxis = () => {
  const pen = fit(axis, box.clientWidth, 40);
  const steps = [1, 2, 5].flatMap((n) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((unit) => n * unit)).sort((a, b) => a - b);
  const step = steps.find((s) => s / (view.to - view.from) * room() >= 85) || 1e9;
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step)));
  pen.fillStyle = theme.faint;
  pen.textAlign = "center";
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    pen.fillText((at / 1e6).toFixed(digits) + " s", x(at), 26);
    pen.fillRect(x(at), 34, 1, 6);
  }
  const px = x(view.at);
  if (px >= GUTTER && px <= GUTTER + room()) {
    const words = seconds(view.at), half = pen.measureText(words).width / 2 + 6;
    const middle = Math.min(px, box.clientWidth - half - 2);
    pen.fillStyle = theme.accent;
    pen.fillRect(middle - half, 1, 2 * half, 16);
    pen.fillRect(px - 0.5, 16, 2, 24);
    pen.fillStyle = theme.ground;
    pen.fillText(words, middle, 9.5);
  }
};

const paintFaults = (pen) => {
  pen.fillStyle = theme.faint;
  pen.textAlign = "left";
  if (view.layout.faults.length) pen.fillText("faults", 8, view.layout.headroom + 10);
  for (const {span, row} of view.layout.faults) {
    const left = edge(x(span.from)), right = edge(Math.max(x(span.to), x(span.from) + 3)), y = view.layout.headroom + 2 + row * 18;
    if (x(span.from) > GUTTER + room() || right <= GUTTER) continue;
    pen.globalAlpha = 0.28;
    pen.fillStyle = theme.cut;
    pen.fillRect(left, y, right - left, 15);
    pen.globalAlpha = 1;
    pen.fillRect(left, y, 3, 15);
    pen.fillStyle = theme.ink;
    pen.fillText(clip(pen, span.text, GUTTER + room() - left - 6), left + 7, y + 8);
    view.spots.push({left, right: right + 4, top: y, bottom: y + 15, words: `broken on purpose: ${span.text}, from ${seconds(span.from)}` + (span.to > span.from ? ` to ${seconds(span.to)}` : "")});
  }
};

const paintGround = (pen, lane) => {
  pen.fillStyle = theme.lane;
  pen.fillRect(0, lane.top, box.clientWidth, lane.height - 2);
  for (const s of spans) {
    if (s.member !== lane.member || s.kind !== ALIVE) continue;
    pen.fillStyle = theme.alive;
    pen.fillRect(edge(x(s.from)), lane.top, reach(s) - edge(x(s.from)), lane.height - 2);
  }
};

const paintBar = (pen, bar, y, height) => {
  const {lease, tenure} = bar, inset = height > 20 ? 6 : height > 12 ? 4 : 1;
  if (lease) {
    const left = edge(x(lease.from)), width = Math.max(1.5, edge(x(lease.to)) - left);
    pen.fillStyle = pale(bar.token);
    pen.fillRect(left, y, width, height);
    if (height > 8) {
      pen.strokeStyle = strong(bar.token);
      pen.strokeRect(left + 0.5, y + 0.5, Math.max(0.5, width - 1), height - 1);
    }
  }
  if (tenure) {
    const left = edge(x(tenure.from)), right = edge(x(tenure.valid));
    pen.fillStyle = strong(bar.token);
    pen.fillRect(left, y + inset, Math.max(1.5, right - left), height - 2 * inset);
    if (tenure.to > tenure.valid) {
      pen.fillStyle = theme.faint;
      for (let px = right + 2; px < edge(x(tenure.to)); px += 7) pen.fillRect(px, y + height / 2 - 1, 4, 2);
    }
  }
};

const paintOverlaps = (pen, bar, y, height) => {
  const tenure = bar.tenure;
  if (!tenure) return;
  for (const o of overlapsOf.get(bar.name) || []) {
    if (tenure.from > o.from || tenure.valid < o.to) continue;
    const left = edge(x(o.from)), width = Math.max(3, edge(x(o.to)) - left);
    if (left >= GUTTER + room()) continue;
    pen.fillStyle = theme.bad;
    pen.fillRect(left, y, width, height);
  }
};

const paintName = (pen, bar, y, height) => {
  const left = edge(x(bar.from)) + 11, width = edge(x(bar.tenure ? bar.tenure.valid : barEnd(bar))) - left - 4;
  const words = height >= 13 && width > 14 ? clip(pen, doc.names[bar.name], width) : "";
  if (!words) return;
  pen.fillStyle = bar.tenure ? inkOn(bar.token) : theme.ink;
  pen.fillText(words, left, y + height / 2 + 0.5);
};

const paintTroubles = (pen, lane) => {
  for (const s of spans) {
    if (s.member !== lane.member || s.kind === ALIVE) continue;
    const left = edge(x(s.from)), right = reach(s);
    if (right <= left) continue;
    if (s.kind === CUT) {
      pen.fillStyle = theme.cut;
      pen.fillRect(left, lane.top + 1, right - left, 3);
      view.spots.push({left, right, top: lane.top, bottom: lane.top + 6, words: `${label(s.member)} is cut off (${s.text}) from ${seconds(s.from)} to ${seconds(s.to)}`});
      continue;
    }
    pen.save();
    pen.beginPath();
    pen.rect(left, lane.top, right - left, lane.height - 2);
    pen.clip();
    pen.globalAlpha = 0.72;
    pen.fillStyle = theme.lane;
    pen.fillRect(left, lane.top, right - left, lane.height);
    pen.globalAlpha = 0.6;
    pen.strokeStyle = theme.frozen;
    pen.beginPath();
    const phase = (((left + lane.top) % 9) + 9) % 9;
    for (let px = left - lane.height - phase; px < right; px += 9) {
      pen.moveTo(px, lane.top + lane.height);
      pen.lineTo(px + lane.height, lane.top);
    }
    pen.stroke();
    pen.globalAlpha = 1;
    pen.fillStyle = theme.faint;
    pen.fillText(clip(pen, "stands still", right - left - 8), left + 5, lane.top + 10);
    pen.restore();
    view.spots.push({left, right, top: lane.top, bottom: lane.top + STRIP, words: `${label(s.member)} stands still from ${seconds(s.from)} to ${seconds(s.to)}`});
  }
};

const paintLane = (pen, lane) => {
  const height = view.layout.rowHeight - (view.layout.rowHeight > 10 ? 3 : 1);
  const seen = [];
  for (const {bar, row} of lane.placed) {
    if (barEnd(bar) < view.from || bar.from > view.to) continue;
    const y = lane.top + STRIP + row * view.layout.rowHeight;
    seen.push([bar, y]);
    paintBar(pen, bar, y, height);
    view.spots.push({left: edge(x(bar.from)), right: Math.max(edge(x(barEnd(bar))), edge(x(bar.from)) + 3), top: y, bottom: y + height, bar});
  }
  paintTroubles(pen, lane);
  for (const [bar, y] of seen) {
    paintOverlaps(pen, bar, y, height);
    paintName(pen, bar, y, height);
  }
};

const paint = () => {
  view.spots = [];
  paintAxis();
  const height = Math.min(view.layout.height, box.clientHeight || view.layout.height);
  const pen = fit(canvas, box.clientWidth, height);
  const top = box.scrollTop;
  pen.clearRect(0, 0, box.clientWidth, height);
  pen.translate(0, -top);
  pen.textAlign = "left";
  if (top < view.layout.headroom + view.layout.faultHeight) paintFaults(pen);
  for (const lane of view.layout.lanes) {
    if (lane.top > top + height || lane.top + lane.height < top) continue;
    paintGround(pen, lane);
    paintLane(pen, lane);
    pen.fillStyle = theme.ink;
    pen.font = "600 " + FONT;
    pen.fillText(clip(pen, doc.members[lane.member], GUTTER - 12), 8, lane.top + 11);
    pen.font = FONT;
  }
  paintMarks(pen, top, top + height);
  const px = x(view.at);
  if (px >= GUTTER && px <= GUTTER + room()) {
    pen.fillStyle = theme.accent;
    pen.fillRect(px - 0.5, 0, 2, view.layout.height);
  }
  for (const layer of view.layers) layer(pen);
};
