// The raw log: pushes to the account and the account's API calls, newest first. Rows keep their place and stay open.
import { $, el, clockText } from "./dom.js";

const rows = new Map(); // key → {node, sign}
const kinds = { text: "文本", image: "图片", voice: "语音", video: "视频", location: "位置", link: "链接", subscribe: "关注", unsubscribe: "取消关注",
  CLICK: "菜单点击", VIEW: "菜单网页", SCAN: "扫码", TEMPLATESENDJOBFINISH: "模板送达", subscribe_msg_popup_event: "订阅授权",
  subscribe_msg_sent_event: "订阅送达", subscribe_msg_change_event: "订阅变更", LOCATION: "上报位置" };
const outcomes = { pending: ["处理中", "wait"], replied: ["已回复", "good"], acknowledged: ["已确认", "good"], failed: ["失败", "bad"] };

export async function refreshLog(nameOf) {
  const response = await fetch("api/log");
  if (!response.ok) return;
  const data = await response.json();
  const entries = [
    ...(data.exchanges || []).map((e) => ({ key: "p" + e.id, at: e.at, order: e.id, draw: () => drawExchange(e, nameOf), sign: e.outcome + e.attempts.length })),
    ...(data.calls || []).map((c) => ({ key: "c" + c.id, at: c.at, order: c.id, draw: () => drawCall(c, nameOf), sign: "" })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.order - a.order).slice(0, 60);
  $("log-empty").hidden = entries.length > 0;
  const wanted = new Set(entries.map((e) => e.key));
  for (const [key, row] of rows) if (!wanted.has(key)) { row.node.remove(); rows.delete(key); }
  const list = $("exchanges");
  entries.forEach((entry, i) => {
    let row = rows.get(entry.key);
    if (!row || row.sign !== entry.sign) {
      const fresh = entry.draw();
      if (row) {
        fresh.firstChild.open = row.node.firstChild.open;
        row.node.replaceWith(fresh);
      }
      row = { node: fresh, sign: entry.sign };
      rows.set(entry.key, row);
    }
    if (list.children[i] !== row.node) list.insertBefore(row.node, list.children[i] || null);
  });
}

// line is one entry; its inside is built when it is first opened.
function line(way, wayClass, what, who, result, resultClass, ms, inside) {
  const details = el("details", {}, el("summary", {},
    el("span", { class: "way " + wayClass }, way), el("span", { class: "what" }, what, el("small", {}, who)),
    el("span", { class: "result " + resultClass }, result), el("span", { class: "ms" }, ms)));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside());
  });
  return el("li", {}, details);
}

const took = (ns) => (ns >= 1e9 ? (ns / 1e9).toFixed(1) + " s" : Math.max(1, Math.round(ns / 1e6)) + " ms");

function drawExchange(e, nameOf) {
  const [word, mood] = outcomes[e.outcome] || [e.outcome, ""];
  const total = e.attempts.reduce((sum, a) => sum + a.took, 0);
  const times = e.attempts.length > 1 ? `${e.attempts.length} 次 · ` : "";
  const refused = e.forged && e.outcome === "failed"; // as it should be; a 2xx answer to a forgery wants a look
  return line(e.forged ? "伪造" : "推送", e.forged ? "forged" : "", kinds[e.kind] || e.kind, nameOf(e.openid), times + (refused ? "被拒绝" : e.forged ? "未拒绝" : word),
    refused ? "good" : e.forged ? "wait" : mood, e.attempts.length ? took(total) : "…", () => {
      const box = el("div", { class: "raw" }, el("h3", {}, clockText(new Date(e.at)) + (e.msgId ? "　MsgId " + e.msgId : "")));
      if (e.why) box.append(el("p", { class: "why" }, e.why));
      for (const a of e.attempts) box.append(...attemptBlocks(a, e.attempts.length));
      return box;
    });
}

function attemptBlocks(a, count) {
  const head = (count > 1 ? `第 ${a.number} 次　` : "") + (a.status ? "HTTP " + a.status : "没有应答") + "　" + took(a.took) + (a.fault ? "　注入：" + a.fault : "");
  const blocks = [el("h3", {}, head), pre("地址", a.url), pre("推送（明文）", pretty(a.plain))];
  if (a.body !== a.plain) blocks.push(pre("推送（发出的）", pretty(a.body)));
  blocks.push(pre("回复（收到的）", pretty(a.reply) || "（空）"));
  if (a.replyPlain !== a.reply) blocks.push(pre("回复（解密后）", pretty(a.replyPlain)));
  if (a.err) blocks.push(el("p", { class: "why" }, a.err));
  return blocks.flat();
}

function drawCall(c, nameOf) {
  const bad = c.errcode !== 0 || c.status !== 200;
  const name = c.path.replace("/cgi-bin/", "");
  const result = c.status !== 200 ? (c.status ? "HTTP " + c.status : "不应答") : c.errcode ? String(c.errcode) : "ok";
  return line("接口", "api", name, c.touser ? nameOf(c.touser) : "", result, bad ? "bad" : "good", took(c.took), () =>
    el("div", { class: "raw" }, el("h3", {}, clockText(new Date(c.at)) + (c.fault ? "　注入：" + c.fault : "")),
      ...pre("请求", `${c.method} ${c.path}${c.query ? "?" + c.query : ""}`), ...(c.body ? pre("请求体", json(c.body)) : []), ...pre("应答", json(c.reply) || "（无）")));
}

function pre(title, text) {
  return [el("h3", {}, title), el("pre", { tabindex: "0" }, text)];
}

// pretty puts one element on a line; it is for reading, the bytes sent had no line breaks.
function pretty(text) {
  if (!text || !text.startsWith("<xml>")) return text;
  let depth = 0;
  return text.replace(/></g, ">\n<").split("\n").map((l) => {
    if (/^<\//.test(l)) depth = Math.max(0, depth - 1);
    const out = "  ".repeat(depth) + l;
    if (/^<[^/!][^>]*>$/.test(l)) depth++;
    return out;
  }).join("\n");
}

function json(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
