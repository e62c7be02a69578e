// Small helpers. Everything that arrives from outside is set with textContent; nothing here parses HTML.

export const $ = (id) => document.getElementById(id);

// el makes an element: el("p", {class: "x"}, "text", child…). A child that is a string becomes text.
export function el(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

// webAddress is address when it is http(s), else "".
export function webAddress(address) {
  try {
    const u = new URL(address);
    return u.protocol === "http:" || u.protocol === "https:" ? u.href : "";
  } catch {
    return "";
  }
}

export function outside(address, attrs, ...children) {
  return el("a", { ...attrs, href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// act tells the platform what was tapped. It resolves to the answer, or throws with a text for people.
export async function act(body) {
  const response = await fetch("api/act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || "模拟器没有应答");
  return answer;
}

let toastTimer = 0;

export function toast(text) {
  const t = $("toast");
  t.textContent = text;
  t.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { t.hidden = true; }, 2200);
}

// attempt runs a tap and shows its failure.
export async function attempt(body) {
  try {
    return await act(body);
  } catch (e) {
    toast(e.message);
    return null;
  }
}

const zone = { timeZone: "Asia/Shanghai", hourCycle: "h23" };
const clockFormat = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteFormat = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", weekday: "short" });
const shortDay = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric" });

export const clockText = (d) => clockFormat.format(d);
export const dayText = (d) => dayFormat.format(d);

// stampText is how a chat writes a moment: 15:04 today, 昨天 15:04, else 3月5日 15:04.
export function stampText(d, now) {
  const days = Math.round((Date.parse(dateOnly(now)) - Date.parse(dateOnly(d))) / 86400000);
  if (days === 0) return minuteFormat.format(d);
  if (days === 1) return "昨天 " + minuteFormat.format(d);
  return shortDay.format(d) + " " + minuteFormat.format(d);
}

const isoDay = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" });
const dateOnly = (d) => isoDay.format(d);

// spanText says a length of time in words: 2 天 3 小时.
export function spanText(seconds) {
  const s = Math.round(Math.abs(seconds));
  const parts = [[Math.floor(s / 86400), "天"], [Math.floor(s / 3600) % 24, "小时"], [Math.floor(s / 60) % 60, "分"], [s % 60, "秒"]];
  return parts.filter(([n]) => n > 0).slice(0, 2).map(([n, unit]) => n + " " + unit).join(" ") || "0 秒";
}

const hues = [152, 24, 338, 210, 268, 44, 190, 4];

// face is a person's avatar: the first telling letter on a colour of their own.
export function face(name, openid) {
  let sum = 0;
  for (const c of openid) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  const letter = [...name.replace(/^(漯河|舞阳|临颍|源汇|郾城|召陵)?(市|县|区)?某?/, "")][0] || "企";
  const node = el("span", { class: "avatar", "aria-hidden": "true" }, letter);
  node.style.background = `hsl(${hues[sum % hues.length]} 46% 40%)`;
  return node;
}
