// The records on the phone: what they are, in which state, and in which words that is told. (sender.js sends them.)
//
// A record is final once it is here: what was typed never changes, and no answer of the network removes it.

import { got, readAll, remove, transaction, write } from "./store.js";

/** States of a record. */
export const READY = "ready"; // waits on the phone
export const SENDING = "sending"; // on its way; after a restart it counts as ready
export const ACKED = "acked"; // the server gave the receipt
export const CONFIRMED = "confirmed"; // and knew it at a roll-call
export const HELD = "held"; // the server has it, the office decides
export const DISMISSED = "dismissed"; // the office did not take it in
export const FORKED = "forked"; // its id was used for another content: it went again under a new id
export const MISMATCH = "mismatch"; // the server has another content: a person must look

/** Their content is on the phone alone. */
export const WAITS = [READY, SENDING];
/** Their content has been sent. */
export const SENT = [ACKED, CONFIRMED, HELD, DISMISSED, MISMATCH];

// ---- What a record is

/** JSON with sorted keys and no spaces, as the server writes it. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

/** SHA-256 of a text (as UTF-8) or of bytes, hexadecimal. */
export async function sha256(content) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Store a final record with its photos, and take its draft away: all of it or nothing. Only after that it is 已存手机.
 * `record` has op_id, user, user_name, kind, subject, title, payload; `photos` have sha256, mime, bytes.
 * Gives the id under which it is stored: another one, should the id have another content already (two tabs that wrote
 * the same draft). Throws QuotaExceededError when the phone is full.
 */
export async function keep(record, photos = [], draft = null) {
  const digest = await sha256(canonical(record.payload));
  const fresh = { sha256: digest, made_at: new Date().toISOString(), state: READY, photos_sent: [], ...untried() };
  const stored = await transaction(["outbox", "blobs", "drafts"], "readwrite", async (at) => {
    if (draft) await got(at("drafts").delete(draft));
    const known = await got(at("outbox").get(record.op_id));
    if (known?.sha256 === digest && known.user === record.user) return known.op_id;
    const op_id = known ? crypto.randomUUID() : record.op_id;
    await got(at("outbox").add({ ...fresh, ...record, op_id, seq: await nextNumber(at("outbox")) }));
    for (const photo of photos) await got(at("blobs").put({ op_id, ...photo }));
    return op_id;
  });
  tell();
  return stored;
}

/** The place of the next record in the order of sending. */
export async function nextNumber(outbox) {
  const last = await got(outbox.index("seq").openKeyCursor(null, "prev"));
  return (last?.key ?? 0) + 1;
}

/** What a record says of its sending before the first attempt. */
export function untried() {
  return { tries: 0, next_try_at: 0, not_before: 0, stuck: "" };
}

/** All records, oldest first. */
export async function records() {
  return (await readAll("outbox")).sort((one, other) => one.seq - other.seq);
}

/** Whether something of the record is on the phone alone. */
export function isWaiting(record) {
  if (WAITS.includes(record.state)) return true;
  return record.state !== FORKED && photosLeft(record).length > 0;
}

/** The photos of a record that the server has not confirmed. */
export function photosLeft(record) {
  return (record.payload.photos ?? []).filter((photo) => !record.photos_sent.includes(photo));
}

const STUCK = {
  account: "在手机里。您的账号现在没有上报的权限，请打镇党建办电话。",
  large: "在手机里。内容太大，没有收下，请导出后交给镇党建办。",
  refused: "在手机里。内容没有被认出，请导出后交给镇党建办。",
  photo: "在手机里，没有收下，请导出后交给镇党建办。",
};
const TOLD = {
  [ACKED]: "镇里已经收到。",
  [CONFIRMED]: "镇里已经收到。",
  [DISMISSED]: "镇里已经收到，镇党建办没有采用，原文留着。",
  [FORKED]: "同一编号在镇里已有另一份内容。这一份换了新编号另报，两份都留着。",
  [MISMATCH]: "镇里收到的与手机里的不一样，请打镇党建办电话。",
};

/** The word for a record (已存手机, 已上报, 需处理), and a sentence that says where the data are. */
export function describe(record, session) {
  if (record.state === HELD) {
    const reason = (record.reason || record.receipt?.reason || "").replace(/。$/, "");
    return { word: "需处理", text: `镇里已经收到，等镇党建办处理${reason && `：${reason}`}。` };
  }
  if (!WAITS.includes(record.state)) {
    const left = record.state === FORKED ? 0 : photosLeft(record).length;
    const word = [ACKED, CONFIRMED].includes(record.state) ? "已上报" : "需处理";
    const why = record.state === DISMISSED && record.reason ? `镇党建办的话：${record.reason}` : "";
    if (!left) return { word, text: TOLD[record.state] + why };
    if (record.stuck) return { word: "需处理", text: `${TOLD[record.state]}还有 ${left} 张照片${STUCK.photo}` };
    return {
      word: word === "已上报" ? "已存手机" : word,
      text: `${TOLD[record.state]}还有 ${left} 张照片在手机里，有信号时自动上报。`,
    };
  }
  if (session?.refused) return { word: "需处理", text: STUCK.account };
  if (session?.user === null) return { word: "需处理", text: "在手机里。请登录，登录后自动上报。", login: true };
  if (record.stuck) return { word: "需处理", text: STUCK[record.stuck] };
  return { word: "已存手机", text: "已存在您的手机里，有信号时自动上报。" };
}

/** What waits: one's own records and those of others by name, with the time of the oldest (milliseconds). */
export async function summary(user) {
  const waiting = (await records()).filter(isWaiting);
  const own = waiting.filter((record) => record.user === user);
  const others = {};
  for (const record of waiting) if (record.user !== user) (others[record.user_name] ??= []).push(record);
  return { own, others, oldest: own.length ? Date.parse(own[0].made_at) : null };
}

// ---- Telling all open pages

const changes = new EventTarget();
const channel = globalThis.BroadcastChannel && new BroadcastChannel("visits");
channel?.addEventListener("message", () => changes.dispatchEvent(new Event("change")));

/** Say that something has changed. */
export function tell() {
  changes.dispatchEvent(new Event("change"));
  channel?.postMessage("change");
}

/** Call `work` now and whenever a record changes, on this page or another. */
export function onChange(work) {
  const quiet = () => Promise.resolve(work()).catch(() => {}); // what cannot be read now is read at the next change
  changes.addEventListener("change", quiet);
  return quiet();
}

/** Change what a record says of its sending (never its content), with `more` in the same transaction. */
export async function update(op_id, change, more = () => {}) {
  await transaction(["outbox", "blobs", "meta"], "readwrite", async (at) => {
    const record = await got(at("outbox").get(op_id));
    if (!record) return;
    await got(at("outbox").put({ ...record, ...change(record) }));
    await more(at, record);
  });
  tell();
}

/** The name of this phone: made once, told to the server with every record. */
export async function deviceId() {
  const made = crypto.randomUUID();
  return transaction(["meta"], "readwrite", async (at) => {
    const known = await got(at("meta").get("device"));
    if (!known) await got(at("meta").put(made, "device"));
    return known ?? made;
  });
}

/** At signing out: the list of households goes, and whose phone this is. Records stay for their owner. */
export async function forgetAccount() {
  await remove("reference", "list");
  await remove("meta", "account");
  await write("meta", { user: null }, "session");
}
