// The chat log: one element per bubble, built from the state's data.
import { $, el, icon, outside, webAddress, stampText, face, attempt } from "./dom.js";

const log = $("log");
const gap = 5 * 60 * 1000; // a new timestamp after five quiet minutes
let lastStamp = 0;

export function clearChat() {
  log.replaceChildren();
  lastStamp = 0;
}

// addBubbles appends and keeps the newest in sight when the reader was at the end.
export function addBubbles(bubbles, me, now) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  for (const b of bubbles) {
    const at = new Date(b.at);
    if (Math.abs(at - lastStamp) > gap) log.append(el("p", { class: "stamp" }, stampText(at, now)));
    lastStamp = at;
    log.append(b.from === "system" || b.type === "transfer" ? notice(b) : row(b, me));
  }
  if (atEnd || bubbles.some((b) => b.from === "user")) scrollToEnd();
}

export function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
}

function notice(b) {
  return el("p", { class: b.via === "fault" ? "notice broken" : "notice", "data-id": b.id }, b.text);
}

const viaNames = { passive: "被动回复", custom: "客服消息", template: "模板消息", subscribe: "订阅通知" };
const cards = new Set(["news", "template", "link", "music", "miniprogram"]);

function row(b, me) {
  const mine = b.from === "user";
  const head = mine ? face(me.name, me.openid) : el("span", { class: "avatar leaf", "aria-hidden": "true" }, icon("leaf"));
  const body = content(b, me);
  if (viaNames[b.via]) body.title = viaNames[b.via];
  const col = el("div", { class: "col" }, el("span", { class: "sr" }, mine ? "我：" : "公众号："), body);
  if (b.ai) col.append(el("p", { class: "mark" }, "内容由 AI 生成"));
  return el("div", { class: "row " + (mine ? "user" : "account") + (cards.has(b.type) ? " wide" : ""), "data-id": b.id }, head, col);
}

function content(b, me) {
  switch (b.type) {
    case "image": return picture(b, "照片");
    case "video": return picture(b, "视频");
    case "voice": return voice(b);
    case "location": return place(b);
    case "news": return news(b);
    case "template": return template(b);
    case "msgmenu": return choices(b, me);
    case "link": case "music": case "miniprogram": return card(b);
    default: return el("div", { class: "bubble text" }, ...runs(b.parts || [{ text: b.text }], me));
  }
}

// runs are texts and links. A menu link sends its content back; any other target must be http(s).
function runs(parts, me) {
  return parts.map((part) => {
    if (part.menu) return tap(part.text, part.menuId || "", part.content, me);
    const address = part.href ? webAddress(part.href) : "";
    return address ? outside(address, {}, part.text) : el("span", {}, part.text);
  });
}

function tap(label, id, text, me) {
  const link = el("a", { href: "#", class: "tap" }, label); // a button's text would not wrap with the rest
  link.addEventListener("click", (e) => {
    e.preventDefault();
    attempt({ action: "tap", openid: me.openid, id, text });
  });
  return link;
}

function choices(b, me) {
  const list = el("div", { class: "choices" }, ...(b.items || []).map((item) => tap(item.content, item.id, item.content, me)));
  return el("div", { class: "bubble msgmenu" }, ...runs(b.parts || [], me), list, ...runs(b.tail || [], me));
}

function picture(b, label) {
  const address = "media/" + encodeURIComponent(b.mediaId || "");
  const img = el("img", { src: address, alt: label });
  img.addEventListener("load", scrollToEnd, { once: true });
  return outside(address, { class: "bubble " + b.type }, img);
}

function voice(b) {
  const seconds = Number((b.text.match(/\d+/) || ["1"])[0]);
  const button = el("button", { type: "button", class: "bubble voice", "aria-label": `语音，${seconds} 秒` }, icon("wave"), el("span", {}, seconds + "″"));
  button.style.width = Math.min(84 + seconds * 6, 220) + "px";
  button.addEventListener("click", () => {
    button.classList.add("playing");
    setTimeout(() => button.classList.remove("playing"), Math.min(seconds, 6) * 1000);
  });
  return button;
}

function place(b) {
  const map = el("div", { class: "map" }, icon("pin"));
  return el("div", { class: "bubble sheet place" }, el("h2", {}, b.text), el("p", {}, `北纬 ${(b.lat || 0).toFixed(4)}，东经 ${(b.lon || 0).toFixed(4)}`), map);
}

// sheet is a card that opens its page, or stands still without one.
function sheet(kind, address, ...children) {
  const target = address ? webAddress(address) : "";
  return target ? outside(target, { class: "bubble sheet " + kind }, ...children) : el("div", { class: "bubble sheet " + kind }, ...children);
}

function news(b) {
  const a = (b.articles || [])[0] || {};
  return sheet("news", a.url, el("div", { class: "cover" }, icon("leaf")), el("h2", {}, a.title || ""), el("p", {}, a.description || ""));
}

function template(b) {
  const lines = el("dl", {});
  for (const f of b.fields || []) lines.append(el("dt", {}, f.label), el("dd", {}, f.value));
  const more = b.url ? el("div", { class: "more-line" }, el("span", {}, "查看详情"), el("span", { "aria-hidden": "true" }, "›")) : null;
  return sheet("template", b.url, el("h2", {}, b.title || ""), lines, more);
}

function card(b) {
  return sheet(b.type, b.url, el("h2", {}, b.title || b.text), el("p", {}, b.title === b.text ? "" : b.text));
}
