// The bench: people, quota, clock, account switches, faults, and the raw log.
import { $, el, face, attempt, clockText, dayText, spanText } from "./dom.js";

let offset = 0; // seconds ahead of real time

export const virtualNow = () => new Date(Date.now() + offset * 1000);

export function showPeople(people, current, select) {
  const list = $("people");
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.openid : "";
  list.replaceChildren(...people.map((p) => {
    const name = el("span", { class: "name" }, p.name, el("small", {}, p.following ? "已关注" : "未关注"));
    const button = el("button", { type: "button", "data-openid": p.openid, "aria-current": p.openid === current ? "true" : null }, face(p.name, p.openid), name);
    if (p.unseen > 0 && p.openid !== current) button.append(el("span", { class: "unseen", "aria-label": `${p.unseen} 条未读` }, String(Math.min(p.unseen, 99))));
    button.addEventListener("click", () => select(p.openid));
    return el("li", {}, button);
  }));
  if (focused) for (const b of list.querySelectorAll("button")) if (b.dataset.openid === focused) b.focus({ preventScroll: true });
}

export function showQuota(q) {
  dots($("quota-message"), 5, q ? q.message : 0, $("quota-message-until"), q && q.messageUntil);
  dots($("quota-act"), 3, q ? q.act : 0, $("quota-act-until"), q && q.actUntil);
}

function dots(box, total, left, note, until) {
  box.replaceChildren(...Array.from({ length: total }, (_, i) => el("i", { class: i < left ? "on" : "" })));
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `还可发 ${left} 条，共 ${total} 条`);
  const seconds = (Date.parse(until || "") - virtualNow()) / 1000;
  note.textContent = seconds > 0 && seconds < 1e7 ? "剩 " + spanText(seconds) : "未打开";
}

export function showAccount(state) {
  offset = state.offset;
  const away = Math.abs(offset) >= 1;
  $("offset").textContent = away ? `比真实时间${offset > 0 ? "快" : "慢"} ${spanText(offset)}` : "与真实时间一致";
  $("offset").classList.toggle("ahead", away);
  $("badge").toggleAttribute("hidden", !state.verified);
  for (const input of document.querySelectorAll("input[name=verified]")) input.checked = (input.value === "1") === state.verified;
  for (const input of document.querySelectorAll("input[name=mode]")) input.checked = input.value === state.mode;
  $("rights").textContent = state.verified ? "可发客服消息、模板消息，可网页授权。" : "没有客服、模板、网页授权等权限（48001），只能被动回复。";
  $("kind").textContent = state.verified ? "服务号 · 已认证" : "服务号 · 未认证";
  showFaults(state.faults);
  tick();
}

function showFaults(faults) {
  let active = 0;
  for (const f of faults) {
    const box = document.querySelector(`[data-fault="${CSS.escape(f.name)}"]`);
    const hits = document.querySelector(`[data-hits="${CSS.escape(f.name)}"]`);
    if (!box || !hits) continue;
    box.checked = f.active;
    if (f.active) active++;
    const left = f.active ? (f.count > 0 ? `还剩 ${f.count} 次` : "一直") + (f.probability < 1 ? ` · ${Math.round(f.probability * 100)}%` : "") : "";
    hits.textContent = [left, f.hits > 0 ? `已发生 ${f.hits} 次` : ""].filter(Boolean).join(" · ");
  }
  $("fault-count").hidden = active === 0;
  $("fault-count").textContent = String(active);
}

function tick() {
  const now = virtualNow();
  $("now").textContent = clockText(now);
  $("date").textContent = dayText(now);
}

export function wireBench(select, whose) {
  setInterval(tick, 1000);
  for (const b of document.querySelectorAll("[data-step]")) b.addEventListener("click", () => attempt({ action: "clock", seconds: Number(b.dataset.step) }));
  $("clock-reset").addEventListener("click", () => attempt({ action: "clock-reset" }));
  for (const i of document.querySelectorAll("input[name=verified]")) i.addEventListener("change", () => attempt({ action: "verified", on: i.value === "1" }));
  for (const i of document.querySelectorAll("input[name=mode]")) i.addEventListener("change", () => attempt({ action: "mode", text: i.value }));
  for (const box of document.querySelectorAll("[data-fault]")) {
    box.addEventListener("change", () => attempt({ action: "fault", id: box.dataset.fault, on: box.checked,
      count: Number($("fault-times").value), probability: Number($("fault-chance").value) }));
  }
  $("faults-clear").addEventListener("click", () => attempt({ action: "faults-clear" }));
  $("add").addEventListener("submit", async (e) => {
    e.preventDefault();
    const answer = await attempt({ action: "person", text: $("add-name").value });
    if (answer) {
      $("add-name").value = "";
      select(answer.openid);
    }
  });
  $("blocked").addEventListener("change", () => attempt({ action: "blocked", openid: whose(), on: $("blocked").checked }));
  wireTabs();
  wireDrawer();
}

function wireTabs() {
  const tabs = [$("tab-log"), $("tab-faults")];
  const pick = (tab) => {
    for (const t of tabs) {
      const on = t === tab;
      t.setAttribute("aria-selected", String(on));
      t.tabIndex = on ? 0 : -1;
      $(t.getAttribute("aria-controls")).hidden = !on;
    }
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => pick(tab));
    tab.addEventListener("keydown", (e) => {
      if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
      const next = tabs[(i + 1) % tabs.length];
      pick(next);
      next.focus();
    });
  });
}

function wireDrawer() {
  const bench = $("bench"), opener = $("open-bench");
  const show = (open) => {
    bench.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? $("close-bench") : opener).focus();
  };
  opener.addEventListener("click", () => show(!bench.classList.contains("open")));
  $("close-bench").addEventListener("click", () => show(false));
  bench.addEventListener("keydown", (e) => { if (e.key === "Escape" && bench.classList.contains("open")) show(false); });
}
