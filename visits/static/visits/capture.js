// The forms of the secretary: recording a visit, what a household said, completing a returned issue.
//
// What is typed is kept as a draft. Pressing the button stores the record on the phone and says so; sending is another
// matter (sender.js). Where the browser cannot store, the form goes to the server as if there were no script.

import { WAITS, describe, keep, onChange, records } from "./outbox.js";
import { account, make, sendNow, today } from "./phone.js";
import { read, remove, usable, write } from "./store.js";

const PAUSE_IN_TYPING = 600; // milliseconds
const SAME_TAP = 600; // milliseconds
const NOT_KEPT = ["csrfmiddlewaretoken", "op_id"];
const FULL = "手机的存储空间不够，这条记录还没有存下。请删去照片，或清理手机后再按一次。您写的内容还在这一页。";
const NOT_STORED = "这条记录还没有存下，请再按一次。您写的内容还在这一页。";

/** Take over `form`; without a store it is left to the server. */
export async function takeOver(form) {
  addBlocksInPlace(form);
  if (await usable()) return new Capture(form).open();
  sendOnce(form);
  form.prepend(make("p", { class: "note", role: "status" }, "这个浏览器不能把记录存在手机里，要有网络才能上报。"));
  return undefined;
}

/** A form, its draft and its record. */
class Capture {
  constructor(form) {
    this.form = form;
    this.kind = form.dataset.kind;
    this.subject = Number(form.dataset.subject);
    this.photos = [];
  }

  async open() {
    this.account = await account();
    if (!this.account) return this.refuse("请先联网登录一次，再在这里记录。");
    this.key = `${this.account.user}/${this.kind}/${this.subject}`;
    const stored = await this.findRecord();
    if (stored) return this.showStored(stored);
    if (!(await this.lock())) return this.refuse("这张表单已经在另一个页面打开，请在那边写，或关掉那一页。");
    await this.restore();
    await this.offerPhotos();
    this.watch();
    this.form.dataset.ready = "yes";
    return undefined;
  }

  get opId() {
    return this.form.elements.op_id?.value;
  }

  set opId(value) {
    const field = this.form.elements.op_id ?? make("input", { type: "hidden", name: "op_id" });
    field.value = value;
    this.form.append(field);
    if (this.kind === "visit") history.replaceState(null, "", `?op=${value}`); // reloading comes to the same form
  }

  /** The record that this form has made: by its id, or an answer to the same issue that the page does not know yet. */
  async findRecord() {
    const { user } = this.account;
    const since = Number(this.form.dataset.since ?? Infinity);
    const isUnknown = ({ state, made_at }) => WAITS.includes(state) || Date.parse(made_at) > since;
    const isAnswer = (record) => record.kind === this.kind && record.user === user && record.subject === this.subject;
    const isVisit = this.kind === "visit";
    return (await records()).find(
      (record) => record.op_id === this.opId || (!isVisit && isAnswer(record) && isUnknown(record)),
    );
  }

  /** Let one tab alone write this draft. Another one waits, and opens anew when the first is done. */
  async lock() {
    if (!navigator.locks) return true;
    const name = `draft ${this.key}`;
    const held = await new Promise((resolve) => {
      const hold = (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => (this.unlock = release));
      };
      navigator.locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(true));
    });
    if (!held) navigator.locks.request(name, () => location.reload()).catch(() => {});
    return held;
  }

  refuse(text) {
    for (const field of this.form.elements) field.disabled = true;
    this.form.prepend(make("p", { class: "note note--wrong", role: "alert" }, `! ${text}`));
  }

  // ---- The draft

  async restore() {
    const draft = await read("drafts", this.key);
    this.opId = draft?.op_id ?? this.opId ?? crypto.randomUUID();
    if (!draft) return;
    this.photos = draft.photos;
    fill(this.form, draft.fields);
    const fresh = make("button", { type: "button", class: "button button--plain", click: () => this.startAnew() });
    fresh.append("不要了，重新写");
    const note = make("p", {}, "上次没写完的内容已经找回来了。");
    this.form.prepend(make("div", { class: "note note--good", role: "status", id: "restored" }, note, fresh));
  }

  async startAnew() {
    this.gone = true;
    await remove("drafts", this.key);
    location.assign(location.pathname);
  }

  async saveDraft() {
    clearTimeout(this.timer);
    if (this.gone) return;
    const { key, photos, opId: op_id } = this;
    await write("drafts", { key, op_id, photos, fields: typed(this.form), updated_at: Date.now() });
    this.form.dataset.draft = "saved";
  }

  watch() {
    const save = () => this.saveDraft().catch(() => {}); // a full phone says so at the button
    this.form.addEventListener("input", () => {
      delete this.form.dataset.draft;
      clearTimeout(this.timer);
      this.timer = setTimeout(save, PAUSE_IN_TYPING);
      this.dirty = true;
    });
    const leaving = () => this.dirty && save();
    addEventListener("pagehide", leaving);
    document.addEventListener("visibilitychange", () => document.hidden && leaving());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit().catch((error) => this.tellNotStored(error));
    });
  }

  /** Show the field for photos. Its program is loaded when there is a photo. */
  async offerPhotos() {
    const place = this.form.querySelector("[data-photos]");
    if (!place) return;
    place.hidden = false;
    const changed = () => this.saveDraft().catch((error) => this.tellNotStored(error));
    const load = () => import("./photos.js").then(({ PhotoField }) => new PhotoField(place, this.photos, changed));
    if (this.photos.length) await load();
    else place.querySelector("input").addEventListener("change", () => load().then((it) => it.take()), { once: true });
  }

  // ---- The record

  async submit() {
    if (this.gone || this.busy) return;
    const faults = READERS[this.kind].faults(this.form);
    showFaults(this.form, faults);
    if (faults.length) return;
    this.busy = true;
    try {
      const { user, name } = this.account;
      const photos = this.photos.map(({ sha256, mime, bytes }) => ({ sha256, mime, bytes }));
      const payload = READERS[this.kind].payload(this.form, this.subject, photos);
      const { kind, subject, opId: op_id } = this;
      const record = { op_id, user, user_name: name, kind, subject, title: this.form.dataset.title, payload };
      clearTimeout(this.timer);
      this.gone = true; // nothing writes the draft again, which goes with the record
      await keep(record, photos, this.key).catch((error) => {
        this.gone = false;
        throw error;
      });
      await this.showStored(record).catch(() => location.reload());
      this.unlock?.();
    } finally {
      this.busy = false;
    }
    sendNow();
    askToPersist().catch(() => {}); // the page of the records then says nothing of it
  }

  tellNotStored(error) {
    const text = error?.name === "QuotaExceededError" ? FULL : NOT_STORED;
    showFaults(this.form, [{ text }]);
  }

  /** Show 已存手机 in the place of the form, and follow what becomes of the record. */
  async showStored({ op_id }) {
    const screen = document.querySelector("template#stored").content.firstElementChild.cloneNode(true);
    const place = this.form.closest("main");
    if (this.kind === "visit") place.replaceChildren(screen);
    else this.form.replaceWith(screen);
    const again = screen.querySelector("[data-again]");
    if (this.kind !== "visit") again.remove();
    ignoreTapsOn(screen);
    await onChange(() => showState(screen, op_id));
    const title = screen.querySelector("h1");
    document.title = `${title.textContent}：${this.form.dataset.title}`;
    title.focus();
  }
}

/** A second or third tap of a hurried finger must not press what has just appeared under it. */
function ignoreTapsOn(screen) {
  const stop = (event) => event.preventDefault();
  screen.addEventListener("click", stop);
  setTimeout(() => screen.removeEventListener("click", stop), SAME_TAP);
}

async function showState(screen, op_id) {
  const record = await read("outbox", op_id);
  if (!record) return;
  const { word, text, login } = describe(record, await read("meta", "session"));
  screen.querySelector("h1").textContent = word;
  screen.querySelector("[data-text]").textContent = text;
  screen.querySelector("[data-about]").textContent = record.title;
  screen.querySelector("[data-login]").hidden = !login;
  const receipt = screen.querySelector("[data-receipt]");
  receipt.hidden = !record.receipt?.visit;
  if (record.receipt?.visit) receipt.href = `/visits/receipts/${record.receipt.visit}/`;
  screen.dataset.state = record.state;
}

/** Ask the browser, once, not to clear what we store; what it said stands on the page of the records. */
async function askToPersist() {
  if (!navigator.storage?.persist || (await read("meta", "persisted")) !== undefined) return;
  await write("meta", await navigator.storage.persist(), "persisted");
}

// ---- Reading and filling the fields

/** What was typed, as the server would read it; half a character, which no JSON can carry, becomes a �. */
function text(form, name) {
  const value = new TextDecoder().decode(new TextEncoder().encode(form.elements[name]?.value ?? ""));
  return value.replaceAll("\r\n", "\n").replaceAll("\0", "").trim();
}

const chosen = (form, name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";
const missing = (name, message) => ({ name, text: message });

/** What each form asks for, in the words of the server's own check, and what it sends. */
const READERS = {
  visit: {
    faults(form) {
      const day = text(form, "visited_on");
      const faults = [];
      if (!day) faults.push(missing("visited_on", "请填写走访日期。"));
      else if (day > today()) faults.push(missing("visited_on", "走访日期不能晚于今天。"));
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
    }),
  },
  resubmit: {
    faults: (form) => (text(form, "note") ? [] : [missing("note", "请补充说明。")]),
    payload: (form, subject) => ({ issue_id: subject, note: text(form, "note") }),
  },
};

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

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_KEPT.includes(name) && typeof value === "string");
}

function fill(form, fields) {
  const wanted = Number(Object.fromEntries(fields).blocks ?? 0);
  while (form.elements.blocks && Number(form.elements.blocks.value) < wanted) addBlock(form);
  const filled = fields.filter(([name, value]) => name !== "blocks" && value);
  for (const box of form.querySelectorAll("[type=checkbox], [type=radio]")) box.checked = false;
  for (const [name, value] of filled) {
    const options = [...form.querySelectorAll(`[name="${name}"]`)];
    for (const field of options) {
      if (["checkbox", "radio"].includes(field.type)) field.checked ||= field.value === value;
      else field.value = value;
      const fold = field.closest("details");
      if (fold && field.value) fold.open = true;
    }
  }
}

// ---- What is wrong

function showFaults(form, faults) {
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

// ---- The form without a store

/** A second press while the first is on its way sends nothing. (Should it get through, the id catches it.) */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
}

/** One more block for an issue, without asking the server. */
function addBlocksInPlace(form) {
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

for (const form of document.querySelectorAll("form[data-kind]")) takeOver(form).catch(() => sendOnce(form));
