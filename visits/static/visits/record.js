// Comfort for phones with JavaScript; without it the form does the same with one more page load.

const form = document.querySelector("form[data-once]");

// A second press while the first is on its way sends nothing. (Should it get through, the operation id catches it.)
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// The back button may show the page as it was left: let it be sent again, under the same operation id.
window.addEventListener("pageshow", () => {
  delete form?.dataset.sent;
  form?.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
});

// One more block for an issue, without asking the server.
const add = form?.querySelector("[data-add]");
const blank = form?.querySelector("template");
const blocks = form?.querySelector("input[name=blocks]");
add?.addEventListener("click", (event) => {
  event.preventDefault();
  const number = Number(blocks.value);
  const block = document.createElement("div");
  block.innerHTML = blank.innerHTML.replaceAll("__n__", number).replaceAll("__number__", number + 1);
  add.before(...block.children);
  blocks.value = number + 1;
  add.previousElementSibling.open = true;
  add.previousElementSibling.querySelector("summary").focus();
  add.hidden = blocks.value >= Number(add.dataset.most);
});
