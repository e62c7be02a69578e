// The phone: whose it is, what it shows, what a tap does. State comes from api/state; live updates only say "look again".
import { $, el, icon, toast, attempt, webAddress } from "./dom.js";
import { addBubbles, clearChat, scrollToEnd } from "./chat.js";
import { showPeople, showQuota, showAccount, wireBench, virtualNow } from "./bench.js";
import { refreshLog } from "./log.js";
import { wireComposer, focusWords } from "./composer.js";

let person = document.body.dataset.person;
let me = null;
let last = 0; // newest bubble shown
let names = new Map();
let menuSign = "";
let running = false, again = false, typingTimer = 0, retryTimer = 0;

const nameOf = (openid) => names.get(openid) || openid;

// refresh reads the state once at a time; a request during a run causes one more run.
async function refresh() {
  if (running) { again = true; return; }
  running = true;
  try {
    do {
      again = false;
      await read();
    } while (again);
  } catch {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(refresh, 1000); // what was announced meanwhile is not lost
  } finally {
    running = false;
  }
}

async function read() {
  const asked = person;
  const response = await fetch(`api/state?openid=${encodeURIComponent(asked)}&after=${last}`);
  if (!response.ok) throw new Error("state");
  const state = await response.json();
  if (asked !== person) { again = true; return; }
  names = new Map(state.people.map((p) => [p.openid, p.name]));
  showAccount(state);
  showPeople(state.people, person, select);
  showQuota(state.me && state.me.quota);
  showMe(state);
  showMenu(state.menu);
  await refreshLog(nameOf);
}

function showMe(state) {
  me = state.me;
  if (!me) return;
  const talking = me.following;
  const turned = $("talk").hidden === talking;
  $("talk").hidden = !talking;
  $("welcome").hidden = talking;
  $("whose").textContent = me.name;
  const fresh = me.bubbles.filter((b) => b.id > last);
  addBubbles(fresh, me, virtualNow());
  if (fresh.length) last = fresh[fresh.length - 1].id;
  if (turned && talking) { scrollToEnd(); if (matchMedia("(hover: hover)").matches) focusWords(); }
  const title = me.typing ? "对方正在输入…" : state.account;
  if ($("title").textContent !== title) $("title").textContent = title;
  clearTimeout(typingTimer);
  if (me.typing) typingTimer = setTimeout(refresh, 2000);
  $("blocked").checked = me.blocked;
  for (const note of document.querySelectorAll("[data-consent]")) {
    const left = me.consents[note.dataset.consent] || 0;
    note.textContent = left < 0 ? "长期" : left > 0 ? `${left} 条` : "";
  }
}

// select takes up another phone.
async function select(openid) {
  if (openid === person) return;
  person = openid;
  last = 0;
  clearChat();
  await attempt({ action: "select", openid });
  await refresh();
  scrollToEnd();
  if (innerWidth >= 1180) focusWords();
}

// showMenu draws the account's bottom menu when it changed.
function showMenu(menu) {
  const buttons = menu ? menu.button : [];
  const sign = JSON.stringify(buttons);
  if (sign === menuSign) return;
  const appeared = menuSign === "" || menuSign === "[]";
  menuSign = sign;
  $("to-menu").hidden = buttons.length === 0;
  if (buttons.length === 0) setMenuMode(false);
  else if (appeared) setMenuMode(true);
  $("entries").replaceChildren(...buttons.map(entry));
}

function entry(button) {
  const subs = button.sub_button || [];
  const box = el("div", { class: "entry" });
  const top = el("button", { type: "button" }, subs.length ? icon("sub") : null, el("span", {}, button.name));
  box.append(top);
  if (subs.length === 0) {
    top.addEventListener("click", () => press(button));
    return box;
  }
  top.setAttribute("aria-haspopup", "true");
  top.setAttribute("aria-expanded", "false");
  const popup = el("div", { class: "popup", hidden: true });
  popup.append(...subs.map((sub) => {
    const b = el("button", { type: "button" }, sub.name);
    b.addEventListener("click", () => { openPopup(null); press(sub); });
    return b;
  }));
  top.addEventListener("click", () => openPopup(popup.hidden ? box : null));
  box.addEventListener("keydown", (e) => { if (e.key === "Escape" && !popup.hidden) { openPopup(null); top.focus(); e.stopPropagation(); } });
  box.append(popup);
  return box;
}

// openPopup opens one entry's sub-menu and closes the others.
function openPopup(box) {
  for (const popup of document.querySelectorAll(".popup")) {
    const open = popup.parentNode === box;
    popup.hidden = !open;
    popup.parentNode.firstChild.setAttribute("aria-expanded", String(open));
  }
}

async function press(button) {
  if (button.type !== "view" && button.type !== "miniprogram") {
    await attempt({ action: "click", openid: person, text: button.key || "" });
    return;
  }
  const address = webAddress(button.url);
  if (address) window.open(address, "_blank", "noopener");
  await attempt({ action: "view", openid: person, text: button.url });
}

function setMenuMode(menu) {
  $("account-menu").hidden = !menu;
  $("writer").hidden = menu;
  if (menu) $("more").hidden = true;
}

function wirePhone() {
  $("follow").addEventListener("click", () => attempt({ action: "follow", openid: person, text: "" }));
  $("to-keyboard").addEventListener("click", () => { setMenuMode(false); focusWords(); });
  $("to-menu").addEventListener("click", () => { setMenuMode(true); $("to-keyboard").focus(); });
  document.addEventListener("click", (e) => { if (!e.target.closest(".entry")) openPopup(null); });
  $("open-profile").addEventListener("click", () => {
    if (!me) return;
    $("profile-name").textContent = me.name;
    $("profile-openid").textContent = me.openid;
    $("profile-follow").textContent = me.following ? "已关注" : "未关注";
    $("unfollow").hidden = !me.following;
    $("profile").showModal();
  });
  for (const b of document.querySelectorAll("[data-popup]")) {
    b.addEventListener("click", () => attempt({ action: "popup", openid: person, id: b.dataset.popup, on: true }));
  }
  $("profile").addEventListener("close", () => {
    if ($("profile").returnValue === "unfollow") attempt({ action: "unfollow", openid: person });
    $("profile").returnValue = "";
  });
  // Typing while the menu shows switches to the keyboard, as reaching for it would.
  document.addEventListener("keydown", (e) => {
    const free = document.activeElement === document.body || document.activeElement === $("log");
    if (!free || e.ctrlKey || e.metaKey || e.altKey || e.key.length !== 1 || $("talk").hidden || document.querySelector("dialog[open]")) return;
    setMenuMode(false);
    focusWords();
  });
}

// live listens for changes; the browser reconnects by itself, and after a refusal this does.
function live() {
  const source = new EventSource("api/events");
  source.onopen = () => { $("offline").hidden = true; refresh(); };
  source.onmessage = () => { refresh(); };
  source.onerror = () => {
    $("offline").hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(live, 2000);
  };
}

wirePhone();
wireBench(select, () => person);
wireComposer(() => person, toast);
refresh();
live();
