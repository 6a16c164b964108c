// The pages without network, from what lies on the phone: the list of households, the forms, the records.
// They stand at the same addresses as the pages with network, so that links lead to either.

import { takeOver } from "./capture.js";
import { saveFile } from "./export.js"; // loaded with the page: without network it is too late
import { describe, isWaiting, onChange, records } from "./outbox.js";
import { account, age, exportWaiting, make, sendNow, today } from "./phone.js";
import { read } from "./store.js";

const MOST_SHOWN = 30;
const NO_LIST = "手机里还没有本村的名单。请联网登录，打开一次“走访”页。";
const FORM_OF = { returned: "resubmit" };

const main = document.querySelector("main");

/** Show the template, and give its elements with data-… names. */
function show(name) {
  main.append(document.querySelector(`template#${name}`).content.cloneNode(true));
  document.title = `${main.querySelector("h1").textContent} - 池上镇党建门户`;
}

const part = (name, within = main) => within.querySelector(`[data-${name}]`);
const day = (text) => text.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, "$1年$2月$3日");
const place = ({ code, group, village }) => [code, village, group].filter(Boolean).join("，");

function explain(text) {
  main.append(make("p", { class: "note", role: "status" }, text));
}

// ---- The list of households

function showHome(list) {
  show("home");
  const query = main.querySelector("#q");
  query.form.addEventListener("submit", (event) => event.preventDefault());
  const refresh = () => {
    const text = query.value.trim().toLowerCase();
    const found = list.households.filter((household) => matches(household, text));
    part("count").textContent = found.length > MOST_SHOWN ? `共 ${found.length} 户，先列出 ${MOST_SHOWN} 户` : `共 ${found.length} 户`;
    part("list").replaceChildren(...found.slice(0, MOST_SHOWN).map(card));
  };
  query.addEventListener("input", refresh);
  refresh();
}

function matches({ name, pinyin, code, group, village }, text) {
  return [name, pinyin, code, group, village].some((word) => (word ?? "").toLowerCase().includes(text));
}

function card(household) {
  const element = document.querySelector("template#household").content.firstElementChild.cloneNode(true);
  part("name", element).textContent = household.name;
  part("place", element).textContent = place(household);
  part("last", element).textContent = household.last ? `上次走访 ${day(household.last)}` : "还没有走访过";
  part("open", element).textContent = household.open ? `${household.open} 个问题还没解决` : "";
  const link = element.querySelector("a");
  link.href = `/visits/households/${household.id}/record/`;
  link.setAttribute("aria-label", `记录走访：${household.name}`);
  return element;
}

// ---- The forms

async function showRecord(list, id) {
  const household = list.households.find((one) => one.id === id);
  if (!household) return show("missing");
  show("record");
  part("name").textContent = household.name;
  part("place").textContent = place(household);
  const form = main.querySelector("form");
  form.elements.op_id.value = new URLSearchParams(location.search).get("op") ?? crypto.randomUUID();
  form.elements.visited_on.value = form.elements.visited_on.max = today();
  return open(form, id, `${household.name}（${household.village}）`);
}

async function showIssue(list, id) {
  const issue = list.issues.find((one) => one.id === id);
  if (!issue) return show("missing");
  show(FORM_OF[issue.state] ?? "feedback");
  part("text").textContent = issue.text;
  const form = main.querySelector("form");
  form.dataset.since = list.at;
  form.elements.seen.value = issue.seen ?? "";
  return open(form, id, issue.text.slice(0, 40));
}

async function open(form, subject, title) {
  form.dataset.subject = subject;
  form.dataset.title = title;
  form.addEventListener("submit", (event) => event.preventDefault()); // there is nobody to send it to
  await takeOver(form);
}

function showIssues(list) {
  show("issues");
  part("count").textContent = `共 ${list.issues.length} 个问题`;
  const item = ({ id, text, of }) => {
    const said = make("span", {}, make("strong", {}, text), make("br"), make("span", { class: "soft" }, of));
    return make("li", {}, make("a", { class: "card go", href: `/visits/issues/${id}/` }, said));
  };
  part("list").append(...list.issues.map(item));
}

// ---- The records

async function showOutbox() {
  show("outbox");
  main.dataset.outbox = "yes";
  part("send").addEventListener("click", sendPressed);
  part("export").addEventListener("click", () => exportWaiting(saveFile));
  await onChange(refreshOutbox);
}

async function sendPressed() {
  part("outcome").textContent = "正在上报……";
  await sendNow({ pressed: true });
  await refreshOutbox();
  const left = !part("send").hidden;
  part("outcome").textContent = left ? "这一次没有全部报上去。记录都在手机里，有信号时自动上报。" : "都报上去了。";
}

async function refreshOutbox() {
  const all = (await records()).reverse();
  const session = await read("meta", "session");
  const who = await account();
  const waiting = all.filter((record) => record.user === who?.user && isWaiting(record));
  const oldest = waiting.at(-1);
  part("sum").textContent = waiting.length
    ? `已存手机 ${waiting.length} 条，最早 ${age(Date.parse(oldest.made_at))}。有信号时自动上报。`
    : "没有待上报的记录。";
  if (!who) part("sum").textContent = "请登录，登录后看自己的记录。";
  for (const name of ["send", "export", "export-help"]) part(name).hidden = !waiting.length;
  part("login").hidden = Boolean(who) && !(waiting.length && session?.user === null);
  const listed = all.filter((record) => record.user === who?.user || isWaiting(record));
  part("list").replaceChildren(...listed.map((record) => line(record, session, record.user === who?.user)));
  if (!listed.length) part("list").append(make("li", { class: "soft" }, "这里还没有记录。"));
  const kept = await read("meta", "persisted");
  const words = { true: "浏览器答应不清理这些记录。", false: "浏览器没有答应长期保存，请尽早连网上报。" };
  part("persisted").textContent = (waiting.length && words[kept]) || "";
}

const KINDS = { visit: "走访", feedback: "群众反馈", resubmit: "补充上报" };
const STYLES = { 已上报: "state state--good", 需处理: "state state--attention", 已存手机: "state" };
const SIGNS = { 已上报: "✓", 需处理: "!", 已存手机: "○" };

/** A record with its state; of another account's nothing but whose it is. */
function line(record, session, own) {
  const { word, text } = describe(record, session);
  const state = make("span", { class: STYLES[word] }, make("span", { "aria-hidden": "true" }, SIGNS[word]), word);
  const head = make("p", {}, state, ` ${age(Date.parse(record.made_at))}`);
  const card = make("li", { class: "card", "data-record": record.op_id, "data-state": record.state }, head);
  if (!own) {
    card.append(make("p", {}, `属于${record.user_name}，由${record.user_name}本人登录后上报。`));
    return card;
  }
  card.append(make("p", {}, make("strong", {}, `${KINDS[record.kind]}：${record.title}`)));
  card.append(make("p", { class: "said" }, record.payload.content ?? record.payload.note));
  card.append(make("p", { class: "soft" }, text));
  return card;
}

// ---- Which page it is

async function start() {
  const path = location.pathname;
  if (path === "/visits/outbox/") return showOutbox();
  const list = await read("reference", "list");
  const who = await account();
  if (!list || list.user !== who?.user) {
    show("missing");
    return explain(NO_LIST);
  }
  const [, place_, id] = /^\/visits\/(households|issues)\/(\d+)\//.exec(path) ?? [];
  if (place_ === "households") return showRecord(list, Number(id));
  if (place_ === "issues") return showIssue(list, Number(id));
  if (path === "/visits/issues/") return showIssues(list);
  return ["/visits/", "/visits/shell/"].includes(path) ? showHome(list) : show("missing");
}

start().catch(() => {
  show("missing");
  explain("这个浏览器不能把记录存在手机里。请用手机自带的浏览器，或联网后填表上报。");
});
