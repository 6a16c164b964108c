// The forms of the secretary: recording a visit, what a household said, completing a returned issue.
//
// What is typed is kept as a draft. Pressing the button stores the record on the phone and says so; sending is another
// matter (sender.js). Where the browser cannot store, the form goes to the server as if there were no script.

import { WAITS, describe, keep, onChange, records } from "./outbox.js";
import { account, make, sendNow } from "./phone.js";
import { READERS, addBlocksInPlace, fill, showFaults, typed } from "./sheet.js";
import { read, remove, usable, write } from "./store.js";

const PAUSE_IN_TYPING = 600; // milliseconds
const SAME_TAP = 600; // milliseconds
const FULL = "手机的存储空间不够，这条记录还没有存下。请删去照片，或清理手机后再按一次。您写的内容还在这一页。";
const NOT_STORED = "这条记录还没有存下，请再按一次。您写的内容还在这一页。";
const NO_PHOTOS = "现在不能加照片。不拍也可以上报；要加照片，请有网络时重新打开这一页，写的内容不会丢。";

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
    if (stored) return this.showStored(stored.op_id);
    if (!(await this.lock())) return this.refuse("这张表单已经在另一个页面打开，请在那边写，或关掉那一页。");
    await this.restore();
    this.watch();
    this.offerPhotos();
    await import("./sender.js").catch(() => {}); // while there is a network; sendNow asks for it later
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
    const isAnswer = (record) => record.kind === this.kind && record.subject === this.subject;
    const isVisit = this.kind === "visit";
    const own = (await records()).filter((record) => record.user === user);
    return own.find((record) => record.op_id === this.opId || (!isVisit && isAnswer(record) && isUnknown(record)));
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
  offerPhotos() {
    const place = this.form.querySelector("[data-photos]");
    if (!place) return;
    place.hidden = false;
    let field;
    const changed = () => this.saveDraft().catch((error) => this.tellNotStored(error));
    const load = () => (field ??= import("./photos.js").then(({ PhotoField }) => new PhotoField(place, this.photos, changed)));
    const refuse = () => (place.querySelector("[data-photo-note]").textContent = NO_PHOTOS);
    const take = () => (this.taking = load().then((it) => it.take()).catch(refuse));
    place.querySelector("input").addEventListener("change", take);
    if (this.photos.length) load().catch(refuse); // the photos of the draft go with the record in any case
  }

  // ---- The record

  async submit() {
    if (this.gone || this.busy) return;
    this.busy = true;
    try {
      await this.taking; // a photo that is still being shrunk belongs to the record
      const faults = READERS[this.kind].faults(this.form);
      showFaults(this.form, faults);
      if (faults.length) return;
      const op_id = await this.store();
      await this.showStored(op_id).catch(() => location.reload());
      this.unlock?.();
    } finally {
      this.busy = false;
    }
    sendNow();
    askToPersist().catch(() => {}); // the page of the records then says nothing of it
  }

  /** Store the record, with which the draft goes; give its id. */
  async store() {
    const { user, name } = this.account;
    const photos = this.photos.map(({ sha256, mime, bytes }) => ({ sha256, mime, bytes }));
    const payload = READERS[this.kind].payload(this.form, this.subject, photos);
    const { kind, subject, opId: op_id } = this;
    const record = { op_id, user, user_name: name, kind, subject, title: this.form.dataset.title, payload };
    clearTimeout(this.timer);
    this.gone = true; // nothing writes the draft again
    try {
      return await keep(record, photos, this.key);
    } catch (error) {
      this.gone = false;
      throw error;
    }
  }

  tellNotStored(error) {
    const text = error?.name === "QuotaExceededError" ? FULL : NOT_STORED;
    showFaults(this.form, [{ text }]);
  }

  /** Show 已存手机 in the place of the form, and follow what becomes of the record. */
  async showStored(op_id) {
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
  screen.dataset.word = word;
}

/** Ask the browser, once, not to clear what we store; what it said stands on the page of the records. */
async function askToPersist() {
  if (!navigator.storage?.persist || (await read("meta", "persisted")) !== undefined) return;
  await write("meta", await navigator.storage.persist(), "persisted");
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

for (const form of document.querySelectorAll("form[data-kind]")) takeOver(form).catch(() => sendOnce(form));
