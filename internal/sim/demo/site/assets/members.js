// A card for each member, with what one can do to it.
const members = document.getElementById("members");
const FOR_EVER = "10m0s";

const memberID = (process) => doc.members[process].split("#")[0];

// stateOf is how the newest process of a member is.
const stateOf = (id) => {
  const process = doc.members.findLastIndex((_, p) => memberID(p) === id), now = doc.ended;
  const life = spans.findLast((s) => s.kind === ALIVE && s.member === process);
  const owned = tenures.filter((t) => t.live && memberID(t.member) === id && t.member === process).length;
  if (!life || life.to <= now) {
    const closed = events.findLast((e) => (e.kind === "left" || e.kind === "crashed") && e.members[0] === process);
    return {word: closed && closed.kind === "left" ? "closed" : "dead", dead: true, owned: 0};
  }
  if (during(FROZEN, process, now)) return {word: "frozen", frozen: true, owned};
  if (during(CUT, process, now)) return {word: "cut off", owned};
  return {word: "well", owned};
};

// Two buttons of a card change with the member's state.
const actionsOf = (id, state) => [
  state.dead ? ["Restart", `restart ${id}`] : ["Kill", `crash ${id}`],
  state.frozen ? ["Thaw", `thaw ${id}`] : ["Freeze", `freeze ${id} ${FOR_EVER}`, state.dead],
  ["Cut off", `cut ${id} all 8s`, state.dead, "for 8 s nothing gets through"],
  ["Drift", `drift ${id} -40% 20s`, state.dead, "for 20 s its clock loses 40 %, far more than the margin allows"],
  ["Close", `close ${id} 0s`, state.dead, "its streams are handed on"],
];

const makeCard = (id) => {
  const card = element("section", undefined, "member"), title = element("h3", id + " "), word = element("span");
  title.append(word);
  const buttons = element("div", undefined, "group");
  card.append(title, buttons);
  card.setAttribute("aria-label", "Member " + id);
  card.dataset.member = id;
  for (const [name, , , hint] of actionsOf(id, {})) {
    const button = element("button", name);
    button.type = "button";
    if (hint) button.title = hint;
    button.addEventListener("click", () => click(button.dataset.click));
    buttons.append(button);
  }
  members.append(card);
  return card;
};

// showMembers keeps cards as they are, so that a button under the pointer, or
// with the focus, stays.
const showMembers = () => {
  const ids = [...new Set(doc.members.map((_, p) => memberID(p)))].sort(natural.compare);
  for (const card of [...members.children]) if (!ids.includes(card.dataset.member)) card.remove();
  for (const id of ids) {
    const card = [...members.children].find((c) => c.dataset.member === id) || makeCard(id), state = stateOf(id);
    const words = `${state.word}, owns ${state.owned}`, word = card.querySelector("span");
    if (word.textContent !== words) word.textContent = words;
    word.className = state.dead ? "bad" : state.word === "well" ? "good" : "excused";
    actionsOf(id, state).forEach(([name, what, disabled], i) => {
      const button = card.querySelectorAll("button")[i];
      if (button.textContent !== name) button.textContent = name;
      button.dataset.click = what;
      button.setAttribute("aria-label", `${name} ${id}`);
      button.disabled = Boolean(disabled);
    });
  }
};
