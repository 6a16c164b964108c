// What every page does for the records on the phone: the line that says how many wait, the sender, the worker that keeps
// the pages for use without network, and signing out.

import { HELD, MISMATCH, SENT, forgetAccount, isWaiting, onChange, records, summary } from "./outbox.js";
import { got, read, remove, transaction, write } from "./store.js";

const HOUR = 3600 * 1000;
const TOO_OLD = 24 * HOUR;
const SCOPE = "/visits/";
const AT_HOME = location.pathname === SCOPE;
const PATIENCE = 3000; // milliseconds
const NO_EXPORT = "! 现在不能导出。请有网络时重新打开这一页；记录都在手机里，没有丢。";

/** Make an element: `make("a", { href: "/" }, "text", child)`. Attributes that are null are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** How long ago, in the words of people. */
export function age(milliseconds) {
  const minutes = Math.floor((Date.now() - milliseconds) / 60_000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} 小时前` : `${Math.floor(minutes / 1440)} 天前`;
}

/** Today in the township, as YYYY-MM-DD. */
export function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
}

/** The account of this page; on the page for use without network, the one that was last signed in here. */
export async function account() {
  const said = document.querySelector("meta[name=account]");
  return said ? { user: Number(said.content), name: said.dataset.name } : read("meta", "account");
}

/** Send what waits; the program for it is loaded when there is something to send. */
export async function sendNow(options) {
  const sender = await import("./sender.js").catch(() => null); // neither network nor worker: the next page sends
  return sender?.flush(options);
}

async function startSending() {
  const all = await records();
  if (all.some((record) => isWaiting(record) || SENT.includes(record.state))) await sendNow();
}

// ---- The line on top

async function showLine() {
  const { user } = (await account()) ?? {};
  const { own, others, oldest } = await summary(user);
  const decide = (await records()).filter(({ user: of, state }) => of === user && [HELD, MISMATCH].includes(state));
  const late = oldest !== null && Date.now() - oldest > TOO_OLD;
  const texts = [];
  if (own.length) texts.push(`${late ? "! " : ""}${own.length} 条待上报，最早 ${age(oldest)}`);
  if (decide.length) texts.push(`${decide.length} 条镇里正在处理`);
  for (const [name, waiting] of Object.entries(others)) {
    texts.push(`这部手机里还有${name}的 ${waiting.length} 条记录，由${name}本人登录后上报`);
  }
  document.querySelector("#waiting")?.remove(); // last, so that two that run at once leave one line
  if (!texts.length || document.querySelector("[data-outbox]")) return;
  const link = make("a", { href: `${SCOPE}outbox/` }, ...texts.map((text) => make("span", {}, text)));
  const look = { id: "waiting", class: late ? "waiting waiting--late" : "waiting", "aria-label": "手机里的记录" };
  document.querySelector("main").before(make("aside", look, link));
}

// ---- What lies here for use without network

async function keepReference({ user }) {
  const kept = await read("reference", "list");
  if (kept && kept.user !== user) await remove("reference", "list");
  if (!AT_HOME) return;
  const response = await fetch(`${SCOPE}reference/`, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (response.headers.get("Content-Type") !== "application/json") return;
  const list = await response.json();
  if (response.status !== 200 || list.user !== user) return;
  await transaction(["meta", "reference"], "readwrite", async (at) => {
    const now = await got(at("meta").get("account"));
    if (now?.user === user) await got(at("reference").put({ ...list, at: Date.now() }, "list")); // not signed out meanwhile
  });
}

async function startWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const registration = await serviceWorker.register(`${SCOPE}sw.js`, { scope: SCOPE, updateViaCache: "none" });
  const offer = () => registration.waiting && serviceWorker.controller && offerUpdate(registration);
  offer();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
}

/** A new version never interrupts what is being typed: it waits until it is asked for, or all pages are closed. */
function offerUpdate(registration) {
  if (document.querySelector("#update")) return;
  const take = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage("take over");
  };
  const button = make("button", { type: "button", class: "button button--plain", id: "update", click: take });
  button.append("新版本，点此更新");
  document.querySelector("main").append(button);
}

// ---- Signing out

/** Ask before signing out with records on the phone; they stay for their owner in any case. */
function guardSignOut() {
  const form = document.querySelector("[data-sign-out]");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const waiting = account().then(({ user }) => summary(user));
    const { own } = await soon(waiting, { own: [] });
    if (!own.length) await leave(form);
    else askBeforeLeaving(form, own.length);
  });
}

async function leave(form) {
  await soon(forgetAccount(), undefined);
  form.submit();
}

/** What `work` gives, or `otherwise` when it fails or the store hangs: nobody is kept from signing out. */
function soon(work, otherwise) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, otherwise));
  return Promise.race([work.catch(() => otherwise), late]);
}

function askBeforeLeaving(form, count) {
  document.querySelector("#leaving")?.remove();
  const choice = (label, style, click) => make("button", { type: "button", class: `button ${style}`, click }, label);
  const question = make(
    "section",
    { id: "leaving", class: "note", role: "alert", tabindex: "-1" },
    make("h2", {}, `还有 ${count} 条记录没有上报`),
    make("p", {}, "退出后它们仍留在这部手机里，您下次登录时自动上报。"),
    choice("先不退出", "", () => question.remove()),
    choice("导出未上报记录", "button--plain", () => exportWaiting()),
    choice("退出，记录留在手机里", "button--plain", () => leave(form)),
  );
  document.querySelector("main").prepend(question);
  question.focus();
}

/** Write one's own records that wait into a file for the office; with `save` where its program is there already. */
export async function exportWaiting(save) {
  const saveFile = save ?? (await import("./export.js").catch(() => ({}))).saveFile;
  if (saveFile) await saveFile(`未上报记录-${today()}.json`, (await account()).user);
  else document.querySelector("main").prepend(make("p", { class: "note note--wrong", role: "alert" }, NO_EXPORT));
}

// ---- The start of every page

/** The page that is kept on the phone is the same for all; the size of the text is this browser's. */
function applyTextSize() {
  const size = /(?:^|; )text=(\w+)/.exec(document.cookie)?.[1];
  if (size) document.documentElement.dataset.text = size;
}

async function startPage() {
  applyTextSize();
  const said = document.querySelector("meta[name=account]") && (await account());
  guardSignOut();
  if (said) await write("meta", said, "account").catch(() => {}); // a phone that is full must still send
  await onChange(showLine);
  startSending().catch(() => {});
  if (said) await keepReference(said);
}

// What fails here costs comfort, never a record: the forms work without any of it.
startPage().catch(() => {});
addEventListener("load", () => startWorker().catch(() => {}));
