// What the page says in words.
const seconds = (at) => (at / 1e6).toFixed(3) + " s";
const label = (member) => doc.members[member];
const all = (members) => members.length > 4 && members.length === doc.members.length ? "all members" : members.map(label).join(", ");
const until = (e) => e.until > e.at ? ` until ${seconds(e.until)}` : "";
const withToken = (e) => e.token < 0 ? "" : ` with token ${token(e.token)}`;
const isolate = (name) => "\u2068" + name + "\u2069"; // whatever its direction, the sentence keeps its own
const stream = (e) => e.ref < 0 ? "" : isolate(doc.names[e.name]) + (refOf(e.ref).i && manyOf(e.name) ? ":" + refOf(e.ref).i : "");
const manyOf = (name) => assignments.get(name) > 1;

const hints = {
  "name free": (s) => `the name ${s} may be free`,
  "no owner": (s) => `${s} may have no owner`,
  "grant lost": () => "a member's grant is over, with all its leases",
  "hand off": (s) => `${s} should be handed off`,
  "gap": () => "hints may have been missed",
};

const callOf = (e) => e.text.split(": ")[0];
const afterCall = (e) => e.text.split(": ").slice(1).join(": ");

const says = {
  "started": (e, m) => `${m} started`,
  "crashed": (e, m) => `${m} died`,
  "frozen": (e, m) => `${m} stands still${until(e)}`,
  "thawed": (e, m) => `${m} goes on`,
  "left": (e, m) => `${m} has closed`,
  "cut": (e, m) => `${m} is cut off (${e.text})${until(e)}`,
  "announced": (e) => `${stream(e)} is announced`,
  "lost": (e, m) => `the ${callOf(e)} of ${m} was lost: ${afterCall(e)}`,
  "timed out": (e, m) => `${m} gave up waiting for its ${e.text}`,
  "leased": (e, m) => `${m} acquired the lease of ${stream(e)}${withToken(e)}${until(e)}`,
  "released": (e, m) => `${m} gave the lease of ${stream(e)} back`,
  "expired": (e, m) => `the lease of ${stream(e)}${withToken(e)}, of ${m}, expired by the store's clock`,
  "resumed": (e, m) => `${m} goes on with ${stream(e)} at position ${e.text}`,
  "save refused": (e, m) => `Refused: a save of ${m} for ${stream(e)}${withToken(e)}. Why: ${e.text}`,
  "took": (e, m) => `the source recorded ${m} as the owner of ${stream(e)}${withToken(e)}`,
  "settled": (e, m) => `${m} settled ${stream(e)}: ${e.text}`,
  "began": (e, m) => `${m} owns ${stream(e)}${withToken(e)} (${e.text})`,
  "ended": (e, m) => `${m} no longer owns ${stream(e)}: ${e.text}`,
  "heard": (e, m) => `the application of ${m} heard: ${e.text} ${stream(e)}`,
  "wrote": (e, m) => `${m} wrote to ${stream(e)}${withToken(e)}`,
  "corrupted": (e, m) => `Corrupted: a late write of ${m} to ${stream(e)}${withToken(e)} took effect, although ${e.text}`,
  "fenced": (e, m) => `Refused: a write of ${m} to ${stream(e)}${withToken(e)}. Why: ${e.text}`,
  "take refused": (e, m) => `Refused: a Take of ${stream(e)} by ${m}${withToken(e)}. Why: ${e.text}`,
  "settle refused": (e, m) => `Refused: a settlement of ${stream(e)} by ${m}${withToken(e)}. Why: ${e.text}`,
  "hinted": (e, m) => `${m} heard: ${(hints[e.text] || (() => e.text))(stream(e))}`,
  "hint lost": (e, m) => `a hint to ${m}${e.ref < 0 ? "" : " about " + stream(e)} was lost` + (e.text === "lost" ? "" : `: ${e.text}`),
  "fault": (e, m) => `a fault hits the ${callOf(e)} of ${m}: ${afterCall(e)}`,
  "healed": () => "the time of faults is over: a part of the fleet is well from here on, the rest stays broken, and what waits must find an owner in time",
  "violated": (e) => `Violated: ${e.text}`,
};
const sentence = (e) => (says[e.kind] || (() => e.kind))(e, all(e.members));

const kindsOf = {
  "ownership": ["announced", "leased", "released", "expired", "began", "ended", "settled"],
  "writes": ["wrote", "resumed"],
  "refused": ["fenced", "corrupted", "save refused", "take refused", "settle refused", "violated"],
  "hints": ["hinted", "hint lost"],
  "faults": ["started", "crashed", "frozen", "thawed", "left", "cut", "fault", "healed"],
  "calls": ["lost", "timed out"],
  "details": ["took", "heard"],
};
const wrong = new Set([...kindsOf.refused, "crashed"]);

// describe says what a bar is, at an instant.
const describe = (bar, at) => {
  const {lease, tenure} = bar, any = tenure || lease, lines = [];
  lines.push(`${isolate(doc.names[any.name])}: ${label(any.member)}, token ${token(any.token)}`);
  if (lease) {
    const ends = lasts(lease, at, "to") ? untilAt(lease.terms, at) : null;
    lines.push(ends === null ? `lease: ${seconds(lease.from)} to ${seconds(lease.to)}, by the store's clock` : `lease until ${seconds(ends)}, by the store's clock`);
  }
  if (!tenure) lines.push("the member never began to act on it");
  else {
    const ends = lasts(tenure, at, "valid") ? untilAt(tenure.terms, at) : null;
    if (ends !== null) lines.push(`${label(tenure.member)} believes until ${seconds(ends)}`);
    else if (at < tenure.from) lines.push(`${label(tenure.member)} does not act on it yet`);
    else if (at < tenure.to) lines.push(`its right is over since ${seconds(tenure.valid)}, and ${label(tenure.member)} does not know`);
    lines.push(`owned from ${seconds(tenure.from)} (${text(tenure.beginning)})` + (tenure.live ? "" : ` to ${seconds(tenure.valid)} (${text(tenure.ending)})`));
  }
  const both = (overlapsOf.get(any.name) || []).find((o) => o.from <= at && at < o.to);
  if (both) lines.push("OVERLAP: " + both.text);
  return lines.join("\n");
};
