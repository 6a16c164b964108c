// Comfort for phones with JavaScript; without it the server counts, and refuses what does not fit.

const form = document.querySelector("form[data-once]");
const partial = form.querySelector("[data-partial]").dataset.partial.split(" ");
const count = form.querySelector("[data-count]");
const topics = document.querySelector("#topics");
const all = [...topics.options];

// A second press while the first is on its way sends nothing. (Should it get through, the meeting is stored once.)
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  show();
});

// Propose the topics of the chosen kind.
function propose(kind) {
  topics.replaceChildren(...all.filter((option) => !kind || option.dataset.kind === kind));
}

// How many are due, present and excused by now.
function show() {
  const picked = (value) => form.querySelectorAll(`.person input[value=${value}]:checked`).length;
  if (count) {
    const due = form.querySelectorAll(".person").length;
    count.textContent = `应到 ${due}，实到 ${picked("present")}，请假 ${picked("excused")}。`;
  }
}

form.addEventListener("change", (event) => {
  if (event.target.name === "kind") {
    propose(event.target.value);
    // To a committee's or a group's meeting not all members are called: numbers only.
    const by = partial.includes(event.target.value) ? "numbers" : count && "list";
    if (by) form.querySelector(`input[name=by][value=${by}]`).checked = true;
  }
  show();
});
propose(form.querySelector("input[name=kind]:checked")?.value);
