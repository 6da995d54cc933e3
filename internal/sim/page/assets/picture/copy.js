// The command that is to be copied.
const startCopy = () => {
  const field = document.getElementById("replay"), answer = document.getElementById("copied");
  if (!field) return;
  document.getElementById("copy").addEventListener("click", () => {
    field.select();
    const told = (words) => { answer.textContent = words; };
    const byHand = () => told(document.execCommand("copy") ? "copied" : "press Ctrl+C");
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(() => told("copied"), byHand); else byHand();
  });
};
