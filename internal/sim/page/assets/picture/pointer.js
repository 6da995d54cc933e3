// Pointer and keys on the picture.
const hover = document.getElementById("hover");

const spotsAt = (px, y) => {
  const found = view.spots.filter((s) => px >= s.left - 2 && px <= s.right + 2 && y >= s.top - 1 && y <= s.bottom + 1);
  const marks = found.filter((s) => s.event);
  return marks.length ? marks.slice(0, 4) : found.slice(-1);
};

const showHover = (event) => {
  const frame = box.getBoundingClientRect();
  const px = event.clientX - frame.left, y = event.clientY - frame.top + box.scrollTop;
  const at = instantOf(px), spots = px < GUTTER ? [] : spotsAt(px, y);
  hover.hidden = spots.length === 0;
  if (hover.hidden) return;
  const lines = spots.map((s) => s.event ? `${seconds(s.event.at)}: ${sentence(s.event)}` : s.bar ? describe(s.bar, at) : s.words);
  hover.textContent = (spots[0].event ? "" : `at ${seconds(at)}\n`) + [...new Set(lines)].join("\n");
  const outer = box.parentElement.getBoundingClientRect();
  hover.style.left = Math.min(event.clientX - outer.left + 14, outer.width - hover.offsetWidth - 4) + "px";
  const below = event.clientY - outer.top + 18;
  hover.style.top = (event.clientY + hover.offsetHeight + 24 > innerHeight ? below - hover.offsetHeight - 30 : below) + "px";
};

let dragged = null;
const startPointer = (setTime, zoom, move) => {
  box.addEventListener("pointermove", (event) => {
    if (dragged) {
      const by = (dragged.px - event.clientX) / room() * (view.to - view.from);
      if (Math.abs(event.clientX - dragged.start) > 4) dragged.moved = true;
      dragged.px = event.clientX;
      if (dragged.moved) move(by);
      return;
    }
    showHover(event);
  });
  box.addEventListener("pointerleave", () => { hover.hidden = true; });
  box.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.target === canvas) dragged = {px: event.clientX, start: event.clientX};
  });
  window.addEventListener("pointerup", (event) => {
    if (dragged && !dragged.moved) setTime(instantOf(event.clientX - box.getBoundingClientRect().left));
    dragged = null;
  });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return; // plain turning scrolls
    event.preventDefault();
    zoom((event.deltaY || event.deltaX) < 0 ? 0.8 : 1.25, instantOf(event.clientX - box.getBoundingClientRect().left));
  }, {passive: false});
};
