// The tour: one lesson at a time; the program notices when it was done.
let lessons = [];
const steps = document.getElementById("steps");
let lesson = 0;

const startTour = () => {
  lessons = JSON.parse(stage.lessons());
  lessons.forEach((l, i) => {
    const button = element("button", String(i + 1));
    button.type = "button";
    button.addEventListener("click", () => turnTo(i));
    steps.append(button);
  });
  document.getElementById("before").addEventListener("click", () => turnTo(lesson - 1));
  document.getElementById("after").addEventListener("click", () => turnTo(lesson + 1));
};

const turnTo = (to) => {
  stage.turnTo(Math.max(0, Math.min(lessons.length - 1, to)));
  take();
};

const put = (id, words) => {
  const place = document.getElementById(id);
  if (place.textContent !== words) place.textContent = words;
  return place;
};

const showTour = (tour) => {
  lesson = tour.at;
  const {title, idea, do: what, look, then} = lessons[lesson], done = tour.done[lesson];
  put("lesson", `${lesson + 1} of ${lessons.length}: ${title}`);
  put("idea", idea);
  put("do", what);
  put("look", look);
  put("outcome", done ? then : "").className = done ? "good" : "";
  document.getElementById("tour").dataset.done = String(done);
  [...steps.children].forEach((button, i) => {
    const words = tour.done[i] ? `✓ ${i + 1}` : String(i + 1);
    if (button.textContent !== words) button.textContent = words;
    button.setAttribute("aria-label", `Step ${i + 1}: ${lessons[i].title}${tour.done[i] ? ", done" : ""}`);
    if (i === lesson) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
  });
  document.getElementById("before").disabled = lesson === 0;
  const after = document.getElementById("after");
  after.disabled = lesson === lessons.length - 1;
  after.className = done && !after.disabled ? "main" : "";
};
