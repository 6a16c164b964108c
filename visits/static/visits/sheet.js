// What stands in the fields of the secretary's forms: read, checked, filled, and marked where something is wrong.

import { make, today } from "./phone.js";

const NOT_KEPT = ["csrfmiddlewaretoken", "op_id", "seen"];
const CHOSEN_ONLINE = "联网时选的人";

/** What was typed, as the server would read it; half a character, which no JSON can carry, becomes a �. */
function text(form, name) {
  const value = new TextDecoder().decode(new TextEncoder().encode(form.elements[name]?.value ?? ""));
  return value.replaceAll("\r\n", "\n").replaceAll("\0", "").trim();
}

const chosen = (form, name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";
const seen = (form) => Number(text(form, "seen")) || null; // the last step of the issue that the page knew
const missing = (name, message) => ({ name, text: message });

/** What each form asks for, in the words of the server's own check, and what it sends. */
export const READERS = {
  visit: {
    faults(form) {
      const day = text(form, "visited_on");
      const faults = [];
      if (!day) faults.push(missing("visited_on", "请填写走访日期。"));
      else if (day > latestDay(form)) faults.push(missing("visited_on", "走访日期不能晚于今天。"));
      if (!text(form, "content")) faults.push(missing("content", "请写一写谈了什么，一句话也可以。"));
      for (const { at, category, description } of blocks(form)) {
        const ask = "请写明是什么问题；如果没有问题，类别请选“没有问题”。";
        if (!category) faults.push(missing(`issue${at}-category`, "请选择问题类别。"));
        if (!description) faults.push(missing(`issue${at}-description`, ask));
      }
      return faults;
    },
    payload: (form, subject, photos) => ({
      household_id: subject,
      visited_on: text(form, "visited_on"),
      content: text(form, "content"),
      companions: text(form, "companions"),
      remark: "",
      visitor_id: Number(text(form, "visitor")) || null,
      campaign_id: null,
      issues: blocks(form).map(({ category, description, urgent }) => ({
        category_id: Number(category),
        description,
        urgency: urgent ? "urgent" : "normal",
      })),
      photos: photos.map(({ sha256 }) => sha256),
    }),
  },
  feedback: {
    faults: (form) => (chosen(form, "satisfaction") ? [] : [missing("satisfaction", "请选择群众是否满意。")]),
    payload: (form, subject) => ({
      issue_id: subject,
      satisfaction: chosen(form, "satisfaction"),
      note: text(form, "note"),
      seen: seen(form),
    }),
  },
  resubmit: {
    faults: (form) => (text(form, "note") ? [] : [missing("note", "请补充说明。")]),
    payload: (form, subject) => ({ issue_id: subject, note: text(form, "note"), seen: seen(form) }),
  },
};

/** Today, or what the server said it was: a phone's clock may be slow. */
function latestDay(form) {
  return [today(), form.elements.visited_on.max].sort().at(-1);
}

/** The blocks for issues in which anything was typed or chosen. */
function blocks(form) {
  const all = Array.from({ length: Number(form.elements.blocks.value) }, (_, at) => ({
    at,
    category: chosen(form, `issue${at}-category`),
    description: text(form, `issue${at}-description`),
    urgent: chosen(form, `issue${at}-urgent`) !== "",
  }));
  return all.filter(({ category, description, urgent }) => category || description || urgent);
}

export function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_KEPT.includes(name) && typeof value === "string");
}

export function fill(form, fields) {
  const wanted = Number(Object.fromEntries(fields).blocks ?? 0);
  while (form.elements.blocks && Number(form.elements.blocks.value) < wanted) addBlock(form);
  const filled = fields.filter(([name, value]) => name !== "blocks" && value);
  for (const box of form.querySelectorAll("[type=checkbox], [type=radio]")) box.checked = false;
  for (const [name, value] of filled) {
    const options = [...form.querySelectorAll(`[name="${name}"]`)];
    for (const field of options) {
      if (["checkbox", "radio"].includes(field.type)) field.checked ||= field.value === value;
      else setValue(field, value);
      const fold = field.closest("details");
      if (fold && field.value) fold.open = true;
    }
  }
}

/** Without network the form knows nobody else by name; who was chosen before stays chosen. */
function setValue(field, value) {
  const knows = ({ options }) => !options || [...options].some((option) => option.value === value);
  if (!knows(field)) field.add(new Option(CHOSEN_ONLINE, value));
  field.value = value;
}

// ---- What is wrong

export function showFaults(form, faults) {
  document.querySelector("#errors")?.remove();
  form.querySelectorAll(".errorlist").forEach((list) => list.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  if (!faults.length) return;
  const list = make("ul", {}, ...faults.map((fault) => make("li", {}, markFault(form, fault))));
  const heading = make("h2", {}, "! 没有保存，请改正下面几处");
  const note = make("div", { class: "note note--wrong", role: "alert", id: "errors", tabindex: "-1" }, heading, list);
  form.before(note);
  note.focus();
}

function markFault(form, { name, text: message }) {
  const field = name && form.querySelector(`[name="${name}"]`);
  if (!field) return message;
  const group = field.closest("fieldset.choices");
  const marked = group ?? field;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  marked.setAttribute("aria-invalid", "true");
  const errors = make("ul", { class: "errorlist" }, make("li", {}, message));
  if (group) group.querySelector("legend").after(errors);
  else field.before(errors);
  return make("a", { href: `#${field.id}` }, message);
}

// ---- More issues than the form has room for

/** One more block for an issue, without asking the server. */
export function addBlocksInPlace(form) {
  const add = form.querySelector("[data-add]");
  add?.addEventListener("click", (event) => {
    event.preventDefault();
    const block = addBlock(form);
    block.open = true;
    block.querySelector("summary").focus();
  });
}

function addBlock(form) {
  const add = form.querySelector("[data-add]");
  const number = Number(form.elements.blocks.value);
  const holder = make("div");
  const blank = form.querySelector("template[data-block]").innerHTML;
  holder.innerHTML = blank.replaceAll("__n__", number).replaceAll("__number__", number + 1);
  const block = holder.firstElementChild;
  add.before(block);
  form.elements.blocks.value = number + 1;
  add.hidden = number + 1 >= Number(add.dataset.most);
  return block;
}
