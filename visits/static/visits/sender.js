// The way of the records to the server.
//
// Only a receipt that repeats a record's id and its digest moves it on; everything else (another page, an error, silence)
// leaves it where it is, and it goes again. Whatever the server's roll-call does not know goes again, too; what it knows
// leaves the phone after 30 days.

import {
  ACKED,
  CONFIRMED,
  DISMISSED,
  FORKED,
  HELD,
  MISMATCH,
  READY,
  SENDING,
  SENT,
  WAITS,
  deviceId,
  isWaiting,
  nextNumber,
  photosLeft,
  records,
  tell,
  untried,
  update,
} from "./outbox.js";
import { got, read, remove, write } from "./store.js";

const ROOT = "/visits/";
const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
const KEPT_FOR = 30 * DAY;
const LONGEST_PAUSE = 300; // seconds
const LONGEST_WISH = 3600; // what we grant a Retry-After, seconds
const MOST_CALLED = 1000;
const LINE_IS_DEAD = 3; // requests in a row without an answer
const LOCK_PATIENCE = 150_000; // milliseconds; longer than any request
const TIME_LIMIT = { text: 30_000, photo: 120_000 };
const JSON_TYPES = ["application/json", "application/problem+json"];

let running = null;
let again = null;
let timer = 0;
let silence = 0; // rounds in which nobody answered

/** Send what is due; with `pressed`, whatever is not held back by the server. Never throws. */
export function flush({ pressed = false } = {}) {
  if (running) {
    again = { pressed: pressed || again?.pressed };
    return running;
  }
  clearTimeout(timer);
  running = alone(() => round(pressed))
    .catch(() => LONGEST_PAUSE * 1000)
    .then((pause) => {
      running = null;
      const next = again;
      again = null;
      if (next) return flush(next);
      if (pause !== null) timer = setTimeout(flush, Math.max(pause, 500));
      return undefined;
    });
  return running;
}

// It wakes at every occasion there is; none of them is needed for what is stored to arrive some time.
addEventListener("online", () => flush({ pressed: true }));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  silence = 0;
  flush();
});

/** One tab at a time; without locks, or when a frozen tab keeps one, the server's own guarantee is enough. */
async function alone(work) {
  if (!navigator.locks) return work();
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), LOCK_PATIENCE);
  let begun = false;
  const begin = () => {
    begun = true;
    clearTimeout(clock);
    return work();
  };
  try {
    return await navigator.locks.request("outbox", { signal: stop.signal }, begin);
  } catch (error) {
    if (begun) throw error;
    return work();
  }
}

/** Remember something of the sending. A phone that is full must still be able to send. */
async function remember(value, name) {
  await write("meta", value, name).catch(() => {});
}

/** One round through the outbox. Gives the time until the next one (milliseconds), or null when there is none. */
async function round(pressed) {
  await wakeUp();
  const all = await records();
  const asked = pressed && all.some((record) => SENT.includes(record.state)); // who presses wants to know how things stand
  if (!all.some(isWaiting) && !asked && !(await rollCallIsDue(all))) return null;
  const session = await askSession();
  if (session === null) return pause(++silence) * 1000;
  if (session.user === null) return null; // the next page after signing in wakes us
  await prune(session);
  const own = all.filter((record) => record.user === session.user);
  const sent = await sendAll(own, session, pressed);
  if (sent.dead) return pause(++silence) * 1000;
  silence = 0;
  const ownNow = async () => (await records()).filter((record) => record.user === session.user);
  const now = await ownNow();
  const done = !now.some((record) => WAITS.includes(record.state));
  if ((done && (sent.any || pressed)) || (await rollCallIsDue(now))) await callTheRoll(now, session);
  const waiting = (await ownNow()).filter(isWaiting);
  const times = waiting.map((record) => dueAt(record));
  return times.length ? Math.min(...times) - Date.now() : null;
}

/** When a record may go. A time too far ahead was set before the phone's clock was put back, and counts for nothing. */
function dueAt({ not_before, next_try_at }, pressed = false) {
  const sane = (time, longest) => (time - Date.now() > longest * 1500 ? 0 : time);
  return Math.max(sane(not_before, LONGEST_WISH), pressed ? 0 : sane(next_try_at, LONGEST_PAUSE));
}

/**
 * Texts first, oldest first, then photos. A failing one steps aside; when nobody answers at all, we stop.
 * Each record is read again when its turn comes: without locks another tab may have sent it meanwhile.
 */
async function sendAll(own, session, pressed) {
  const due = (record) => Date.now() >= dueAt(record, pressed);
  const sent = { any: false, dead: false };
  let unanswered = 0;
  const take = async (outcome) => {
    unanswered = outcome === "silence" ? unanswered + 1 : 0;
    sent.any ||= outcome === "taken";
    sent.dead = unanswered >= LINE_IS_DEAD;
    return sent.dead || outcome === "signed out";
  };
  const outcome = (sending) => sending.catch(() => "failed"); // a phone that is full cannot note the receipt
  for (const { op_id } of own) {
    const record = await read("outbox", op_id);
    if (!record || !WAITS.includes(record.state) || !due(record)) continue;
    if (await take(await outcome(sendText(record, session)))) return sent;
  }
  for (const { op_id } of own) {
    const record = await read("outbox", op_id);
    if (!record || WAITS.includes(record.state) || record.state === FORKED || !due(record)) continue;
    for (const photo of photosLeft(record)) {
      if (await take(await outcome(sendPhoto(record, photo, session)))) return sent;
    }
  }
  return sent;
}

async function sendText(record, session) {
  const { op_id, user, kind, payload, sha256: digest, made_at } = record;
  await update(op_id, whileWaiting(() => ({ state: SENDING }))).catch(() => {});
  const body = JSON.stringify({ op_id, user, kind, payload, sha256: digest, made_at, phone: await aboutPhone() });
  const answer = await ask("ops/", { method: "POST", body, type: "application/json", session });
  const receipt = answer?.body;
  if ([201, 202].includes(answer?.status) && isReceiptOf(receipt, record)) {
    const state = receipt.state === "held" ? HELD : ACKED;
    await update(op_id, () => ({ state, receipt, ...untried() }), record.lost_times ? undefined : countSent);
    return "taken";
  }
  if (answer?.problem && answer.status === 401) return signedOut(op_id);
  if (answer?.problem?.type === "urn:chishang:problem:key-reused" && !record.forked_from) return fork(record);
  await update(op_id, whileWaiting((now) => ({ state: READY, stuck: whyStuck(answer, now), ...later(answer, now) })));
  return answer ? "failed" : "silence";
}

/** A change that does nothing to a record which another tab has brought further. */
function whileWaiting(change) {
  return (now) => (WAITS.includes(now.state) ? change(now) : {});
}

/** Whether the answer is the receipt of this very record. */
function isReceiptOf(receipt, record) {
  const same = receipt?.op_id === record.op_id && receipt?.payload_sha256 === record.sha256;
  return same && ["applied", "held"].includes(receipt.state);
}

/** Only what our own server says in so many words is a reason to ask the user; everything else just comes again. */
function whyStuck(answer, record) {
  const reasons = { 400: "refused", 403: "account", 413: "large", 422: "refused" };
  const twice = record.tries > 0; // once may be a body that broke on the way, or a token that has just changed
  return (answer?.problem && twice && reasons[answer.status]) || record.stuck;
}

async function countSent(at) {
  await got(at("meta").put(((await got(at("meta").get("sent_total"))) ?? 0) + 1, "sent_total"));
}

async function signedOut(op_id) {
  await update(op_id, whileWaiting(() => ({ state: READY })));
  await remember({ user: null }, "session");
  tell();
  return "signed out";
}

/** The id belongs to another content on the server: keep this record, and send the same under a new id. */
async function fork({ op_id, sha256: digest }) {
  const next = await secondId(op_id, digest);
  await update(
    op_id,
    whileWaiting(() => ({ state: FORKED, forked_to: next })),
    async (at, record) => {
      if (!WAITS.includes(record.state)) return;
      const seq = await nextNumber(at("outbox"));
      if (await got(at("outbox").getKey(next))) return;
      const copy = { ...record, op_id: next, forked_from: op_id, seq, state: READY, ...untried() };
      await got(at("outbox").add(copy));
      for (const sha of record.payload.photos ?? []) {
        const blob = await got(at("blobs").get([op_id, sha]));
        if (blob) await got(at("blobs").put({ ...blob, op_id: next }));
      }
    },
  );
  again ??= {};
  return "failed";
}

/** The id of a second content: the office's import gives it the same one (a UUID of version 5, RFC 9562). */
async function secondId(op_id, digest) {
  const space = op_id.replaceAll("-", "").match(/../g).map((byte) => parseInt(byte, 16));
  const name = new Uint8Array([...space, ...new TextEncoder().encode(digest)]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", name)).slice(0, 16);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const text = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function sendPhoto(record, photo, session) {
  const blob = await read("blobs", [record.op_id, photo]);
  if (!blob) {
    await update(record.op_id, (now) => later(null, now));
    return "failed";
  }
  const answer = await ask(`photos/${photo}/`, { method: "PUT", body: blob.bytes, type: blob.mime, session });
  if ([200, 201].includes(answer?.status) && answer.body?.sha256 === photo) {
    await update(record.op_id, (now) => ({ photos_sent: [...now.photos_sent, photo], ...untried() }));
    return "taken";
  }
  if (answer?.problem && answer.status === 401) return signedOut(record.op_id);
  await update(record.op_id, (now) => ({ stuck: whyStuck(answer, now), ...later(answer, now) }));
  return answer ? "failed" : "silence";
}

/** When to try again: after 1, 2, 4 … 300 seconds, not all phones at once, and not before the server said. */
function later(answer, record) {
  const tries = record.tries + 1;
  const wish = Number(answer?.retryAfter);
  const not_before = wish > 0 ? Date.now() + Math.min(wish, LONGEST_WISH) * 1000 : 0;
  return { tries, not_before, next_try_at: Date.now() + pause(tries) * 1000 };
}

function pause(tries) {
  return Math.min(2 ** Math.min(tries - 1, 20), LONGEST_PAUSE) * (0.75 + Math.random() / 2);
}

/** Ask our server; null when nobody answers in time or the answer breaks off. `body` is null unless it is JSON. */
async function ask(path, { method = "GET", body, type, session } = {}) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), method === "PUT" ? TIME_LIMIT.photo : TIME_LIMIT.text);
  try {
    const headers = { Accept: "application/json" };
    if (type) headers["Content-Type"] = type;
    if (session) headers["X-CSRFToken"] = session.csrf;
    const options = { method, body, headers, cache: "no-store", redirect: "manual", signal: stop.signal };
    const response = await fetch(ROOT + path, { ...options, credentials: "same-origin" });
    const found = (response.headers.get("Content-Type") ?? "").split(";")[0].trim();
    const text = await response.text();
    const json = JSON_TYPES.includes(found) ? parsed(text) : null;
    const problem = found === JSON_TYPES[1] ? json : null;
    return { status: response.status, body: json, problem, retryAfter: response.headers.get("Retry-After") };
  } catch {
    return null;
  } finally {
    clearTimeout(clock);
  }
}

/** What a text says as JSON; null when it is none, which a sick server's answer may well be. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Who is signed in at this moment, with the token for writing. Null when nobody answers as our server would. */
async function askSession() {
  const answer = await ask("session/");
  const now = answer?.body;
  let session = null;
  if (answer?.status === 200 && Number.isInteger(now?.user) && now.csrf && Date.parse(now.now)) session = now;
  else if (answer?.problem && answer.status === 401) session = { user: null };
  else if (answer?.problem && answer.status === 403) session = { user: null, refused: true };
  if (session) {
    if (session.user !== null) await remember({ user: session.user, name: session.name }, "account");
    await remember({ user: session.user, refused: session.refused }, "session");
    tell();
  }
  return session;
}

async function aboutPhone() {
  const waiting = (await records()).filter((record) => WAITS.includes(record.state));
  const device_id = await deviceId();
  const sent_total = (await read("meta", "sent_total")) ?? 0;
  return { device_id, waiting: waiting.length, oldest_waiting_at: waiting[0]?.made_at ?? null, sent_total };
}

// ---- The roll-call

/** Once a day; every hour while the office has something to decide. */
async function rollCallIsDue(all) {
  if (!all.some((record) => SENT.includes(record.state))) return false;
  const pause = all.some((record) => record.state === HELD) ? HOUR : DAY;
  return Math.abs(Date.now() - ((await read("meta", "rollcall_at")) ?? 0)) > pause; // the clock may have been put back
}

/** Ask which of the sent records the server has. What it does not know, a restored server has lost: it goes again. */
async function callTheRoll(own, session) {
  const sent = own.filter((record) => SENT.includes(record.state));
  for (let first = 0; first < sent.length; first += MOST_CALLED) {
    const part = sent.slice(first, first + MOST_CALLED);
    const ops = part.map((record) => [record.op_id, record.sha256]);
    const body = JSON.stringify({ phone: await aboutPhone(), ops });
    const answer = await ask("rollcall/", { method: "POST", body, type: "application/json", session });
    if (answer?.status !== 200 || !names(answer.body, part)) return;
    for (const record of part) await takeRollCall(record, answer.body, session);
  }
  await remember(Date.now(), "rollcall_at");
}

/** Whether the answer names each record that we asked for, once. */
function names(call, part) {
  const lists = ["known", "unknown", "held", "dismissed", "mismatch"].map((name) => call?.[name]);
  return lists.every(Array.isArray) && lists.flat().sort().join() === part.map(({ op_id }) => op_id).sort().join();
}

async function takeRollCall(record, call, session) {
  const { op_id, state, reason, confirmed_at, lost_times = 0 } = record;
  const told = call.reasons?.[op_id] ?? "";
  const confirmed = { confirmed_at: confirmed_at ?? Date.parse(session.now) };
  let change = { state: MISMATCH };
  if (call.known.includes(op_id)) change = { state: CONFIRMED, ...confirmed };
  if (call.held.includes(op_id)) change = { state: HELD };
  if (call.dismissed.includes(op_id)) change = { state: DISMISSED, ...confirmed };
  if (call.unknown.includes(op_id)) change = { ...comesAgain(lost_times), state: READY };
  const lacks = (photo) => (call.photos ?? []).includes(photo); // those the server has lost alone
  if (change.state === state && (reason ?? "") === told && !record.photos_sent.some(lacks)) return;
  const photos_sent = (now) => now.photos_sent.filter((photo) => !lacks(photo));
  await update(op_id, (now) => ({ photos_sent: photos_sent(now), reason: told, ...change }));
}

/** A record that the server has lost, later each time, should a sick server lose everything at once. */
function comesAgain(lost_times) {
  const next_try_at = Date.now() + pause(lost_times + 1) * 1000;
  return { ...untried(), receipt: null, photos_sent: [], confirmed_at: null, lost_times: lost_times + 1, next_try_at };
}

/** Set back what was on its way when the page ended. */
async function wakeUp() {
  for (const { op_id, state } of await records()) {
    if (state === SENDING) await update(op_id, (now) => (now.state === SENDING ? { state: READY } : {})).catch(() => {});
  }
}

/**
 * Let go what was confirmed long ago by the server's clock (a phone's may jump), and the first form of what went again
 * under another id, once that is gone.
 */
async function prune({ now }) {
  const all = await records();
  const there = new Set(all.map(({ op_id }) => op_id));
  const isOld = ({ state, confirmed_at }) =>
    [CONFIRMED, DISMISSED].includes(state) && Date.parse(now) - confirmed_at > KEPT_FOR;
  for (const record of all) {
    const goes = isOld(record) ? !isWaiting(record) : record.state === FORKED && !there.has(record.forked_to);
    if (!goes) continue;
    for (const photo of record.payload.photos ?? []) await remove("blobs", [record.op_id, photo]);
    await remove("outbox", record.op_id);
  }
}
