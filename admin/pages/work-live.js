// The workbench's page stays as the desk has it: parts that changed are taken
// anew, but never one in which somebody is writing. While the tab is hidden it
// does not listen: a browser opens few connections to one server.
"use strict";

{
  const bench = document.getElementById("bench");
  const news = document.getElementById("news");
  const present = document.getElementById("present");
  let shown = bench.dataset.pulse;
  let wanted = shown;
  let source = null;
  let again = 0; // timer of the next try
  let ended = false;

  const tell = (text, action) => {
    news.replaceChildren(text);
    if (action) news.append(" ", action);
    news.hidden = false;
  };
  const link = (text, address) => {
    const a = document.createElement("a");
    a.textContent = text;
    a.href = address;
    return a;
  };

  // busy: somebody is at work in this part of the page.
  const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")
    || [...part.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")].some((f) => f.value !== f.defaultValue)
    || [...part.querySelectorAll("select")].some((s) => s.selectedIndex > 0 && !s.selectedOptions[0].defaultSelected);

  // swap puts the new state of a part in place of the old one, with the same
  // details open and the same link in focus.
  function swap(part, fresh) {
    const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const open = [...part.querySelectorAll("details")].map((d) => d.open);
    [...fresh.querySelectorAll("details")].forEach((d, i) => { if (open[i]) d.open = true; });
    part.replaceWith(fresh);
    if (focused) [...fresh.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus();
  }

  async function refresh() {
    const taken = wanted;
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Follows": "page" } });
    if (answer.status >= 500) throw new Error("later");
    if (!answer.ok || answer.redirected) return over();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    let left = false;
    const freshBench = page.getElementById("bench");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!fresh) continue;
      if (part.outerHTML === fresh.outerHTML) continue;
      if (busy(part)) left = true;
      else swap(part, fresh);
    }
    const mine = document.getElementById("answer");
    const theirs = page.getElementById("answer");
    if (mine && theirs && mine.dataset.mode !== theirs.dataset.mode) left = true;
    shown = freshBench ? freshBench.dataset.pulse : taken;
    if (left) tell("这件咨询有了变化。", link("刷新页面看全部", location.pathname));
    else news.hidden = true;
  }

  let running = Promise.resolve();
  function heard(word) {
    wanted = word;
    if (wanted !== shown) running = running.then(() => (wanted !== shown ? refresh() : null)).catch(() => {});
  }

  function over() {
    ended = true;
    stop();
    tell("登录已结束，或者这件咨询不再由您办理。写好的草稿已经保存。", link("重新打开", location.pathname));
  }

  function stop() {
    clearTimeout(again);
    if (source) source.close();
    source = null;
  }

  function start() {
    if (source || ended || document.hidden) return;
    source = new EventSource(bench.dataset.events);
    source.addEventListener("pulse", (event) => heard(event.data));
    source.addEventListener("present", (event) => {
      const names = JSON.parse(event.data);
      present.textContent = names.length ? `${names.join("、")}也在看` : "";
      present.hidden = !names.length;
    });
    source.addEventListener("over", over);
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) retry(); // refused: the browser does not try again by itself
    });
  }

  // retry opens the page anew, which tells whether it is still to be seen, and
  // then listens again.
  function retry() {
    stop();
    again = setTimeout(() => refresh().then(() => { if (!ended) start(); }, retry), 5000);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  start();
}
