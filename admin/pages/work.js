// The workbench in the browser: the draft saves itself, clauses are found and
// quoted without leaving the page, keys. Everything works without it, by the
// forms' own buttons.
"use strict";

const draft = () => document.getElementById("draft");
const say = (text, bad) => {
  const p = document.getElementById("saved");
  if (!p) return;
  p.textContent = text;
  p.classList.toggle("bad", Boolean(bad));
  if (bad) p.setAttribute("role", "alert");
  else p.removeAttribute("role");
};

// --- the draft -------------------------------------------------------------

let waiting = 0; // timer of the next save
let unsaved = false;
let saves = Promise.resolve(); // one after another, so that the last text stays

// post sends the draft's form to an address and returns the citations' part of
// the page.
async function post(address, extra) {
  const body = new URLSearchParams(new FormData(draft()));
  for (const [name, value] of Object.entries(extra || {})) body.set(name, value);
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/x-fragment" }, keepalive: body.toString().length < 60000, redirect: "error" });
  const text = await answer.text();
  if (!answer.ok) throw new Error(answer.status === 401 ? "登录已过期，请在新窗口登录后再保存。" : text || "没有保存成功。");
  return text;
}

function showCites(html) {
  const old = document.getElementById("cites");
  const parsed = new DOMParser().parseFromString(html, "text/html").getElementById("cites");
  if (old && parsed) old.replaceWith(parsed);
}

function save() {
  clearTimeout(waiting);
  waiting = 0;
  if (!draft() || !unsaved) return saves;
  unsaved = false;
  saves = saves.then(async () => {
    if (!draft()) return;
    try {
      const html = await post(draft().getAttribute("action"));
      const p = new DOMParser().parseFromString(html, "text/html").getElementById("saved");
      if (p && !unsaved) say(p.textContent);
    } catch (problem) {
      unsaved = true;
      say(`还没有保存：${problem instanceof TypeError ? "网络不通，恢复后自动再试。" : problem.message}`, true);
      if (!waiting) waiting = setTimeout(save, 5000);
    }
  });
  return saves;
}

document.addEventListener("input", (event) => {
  if (event.target.name !== "draft") return;
  unsaved = true;
  clearTimeout(waiting);
  waiting = setTimeout(save, 800);
});
addEventListener("pagehide", save);
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });

// --- clauses and canned replies ----------------------------------------------

async function search(button) {
  const field = document.querySelector("input[name=q][form=draft]");
  const found = document.getElementById("found");
  found.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${button.dataset.search}?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "text/x-fragment" } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    found.innerHTML = text; // our own template, which escapes
  } catch {
    found.textContent = "现在检索不了，请稍后再试。";
  }
  found.removeAttribute("aria-busy");
}

function insertPhrase() {
  const choice = draft().querySelector("select[name=phrase]");
  const text = choice.selectedOptions[0].dataset.body;
  const field = draft().elements.draft;
  if (!text) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function cite(button) {
  unsaved = false;
  clearTimeout(waiting);
  saves = saves.then(async () => {
    try {
      showCites(await post(button.formAction, { pick: button.value }));
      if (!button.isConnected) draft().elements.draft.focus();
    } catch (problem) {
      unsaved = true;
      say(problem instanceof TypeError ? "网络不通，请稍后再试。" : problem.message, true);
    }
  });
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button) return;
  if (button.dataset.confirm && !confirm(button.dataset.confirm)) return event.preventDefault();
  if (event.target.id === "draft") {
    const does = button.dataset.search ? search : /\/(un)?cite$/.test(button.formAction) ? cite : /\/phrase$/.test(button.formAction) ? insertPhrase : null;
    if (does) {
      event.preventDefault();
      does(button);
      return;
    }
    if (!/\/submit$/.test(button.formAction)) { // save
      event.preventDefault();
      unsaved = true;
      save();
      return;
    }
    clearTimeout(waiting);
    unsaved = false;
  }
  if (event.target.method === "post") setTimeout(() => { for (const b of event.target.querySelectorAll("button")) b.disabled = true; });
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// --- keys ---------------------------------------------------------------------

const keysOff = () => { try { return localStorage.getItem("keys") === "off"; } catch { return false; } };

function move(step) {
  const links = [...document.querySelectorAll(".cases .question")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + step))].focus();
}

function go(target) {
  const closed = target.closest("details:not([open])");
  if (closed) closed.open = true;
  if (target.matches("a, button")) target.click();
  else target.focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && draft()) {
    if (event.key === "s") {
      event.preventDefault();
      unsaved = true;
      save();
    } else if (event.key === "Enter" && event.target.name === "draft") {
      event.preventDefault();
      draft().querySelector("button[formaction$='/submit']").click();
    }
    return;
  }
  if (event.key === "Enter" && event.target.matches("input[name=q][form=draft]")) {
    event.preventDefault();
    document.querySelector("[data-search]").click();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || keysOff()) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "?") document.getElementById("keys").showModal();
  else if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (target) go(target);
  else return;
  event.preventDefault();
});

const opener = document.getElementById("keys-open");
if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => document.getElementById("keys").showModal());
  const on = document.getElementById("keys-on");
  on.checked = !keysOff();
  on.addEventListener("change", () => { try { localStorage.setItem("keys", on.checked ? "on" : "off"); } catch { /* then they stay on */ } });
}
