// What a person sends: words, a voice, a photo, a place, a scan.
import { $, attempt } from "./dom.js";
import { scrollToEnd } from "./chat.js";

const words = $("words");

export function focusWords() {
  if (!$("writer").hidden && !words.hidden) words.focus({ preventScroll: true });
}

export function wireComposer(whose, toast) {
  wireWords(whose);
  wireVoice(whose, toast);
  wireMore(whose, toast);
}

function wireWords(whose) {
  const grow = () => {
    words.style.height = "auto";
    words.style.height = Math.min(words.scrollHeight, 112) + "px";
    const empty = words.value.trim() === "";
    $("send").hidden = empty;
    $("to-more").hidden = !empty;
  };
  words.addEventListener("input", grow);
  words.addEventListener("focus", () => { showMore(false); setTimeout(scrollToEnd, 60); });
  words.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      $("writer").requestSubmit();
    }
  });
  $("send").addEventListener("mousedown", (e) => e.preventDefault()); // the input keeps its focus
  $("writer").addEventListener("submit", async (e) => {
    e.preventDefault();
    const text = words.value;
    if (text.trim() === "") return;
    words.value = "";
    grow();
    words.focus({ preventScroll: true });
    const sent = await attempt({ action: "text", openid: whose(), text });
    if (!sent && words.value === "") {
      words.value = text; // nothing is lost
      grow();
    }
  });
}

function wireVoice(whose, toast) {
  const hold = $("hold"), box = $("recording");
  let started = 0, timer = 0;
  const start = () => {
    if (started) return;
    started = performance.now();
    hold.classList.add("on");
    hold.textContent = "松开 发送";
    box.hidden = false;
    timer = setInterval(() => { $("seconds").textContent = Math.floor((performance.now() - started) / 1000) + "″"; }, 200);
  };
  const stop = (send) => {
    if (!started) return;
    const seconds = (performance.now() - started) / 1000;
    started = 0;
    clearInterval(timer);
    hold.classList.remove("on");
    hold.textContent = "按住 说话";
    box.hidden = true;
    $("seconds").textContent = "0″";
    if (!send) return;
    if (seconds < 0.6) toast("说话时间太短");
    else attempt({ action: "voice", openid: whose(), seconds: Math.round(seconds) });
  };
  hold.addEventListener("pointerdown", (e) => { hold.setPointerCapture(e.pointerId); start(); });
  hold.addEventListener("pointerup", () => stop(true));
  hold.addEventListener("pointercancel", () => stop(false));
  hold.addEventListener("contextmenu", (e) => e.preventDefault());
  hold.addEventListener("keydown", (e) => {
    if (e.key === "Escape") stop(false);
    else if ((e.key === " " || e.key === "Enter") && !e.repeat) { e.preventDefault(); start(); }
  });
  hold.addEventListener("keyup", (e) => { if (e.key === " " || e.key === "Enter") { e.preventDefault(); stop(true); } });
  hold.addEventListener("blur", () => stop(false));
  $("to-voice").addEventListener("click", () => {
    const voice = hold.hidden;
    hold.hidden = !voice;
    words.hidden = voice;
    $("to-voice").setAttribute("aria-pressed", String(voice));
    $("to-voice").setAttribute("aria-label", voice ? "切换到键盘" : "切换到语音");
    $("to-voice").firstElementChild.firstElementChild.setAttribute("href", voice ? "#i-keyboard" : "#i-voice");
    showMore(false);
    (voice ? hold : words).focus();
  });
}

function showMore(open) {
  if ($("more").hidden !== open) return;
  $("more").hidden = !open;
  $("to-more").setAttribute("aria-expanded", String(open));
  if (open) scrollToEnd();
}

function wireMore(whose, toast) {
  $("to-more").addEventListener("click", () => showMore($("more").hidden));
  $("pick-photo").addEventListener("click", () => $("photo").click());
  $("photo").addEventListener("change", async () => {
    const file = $("photo").files[0];
    $("photo").value = "";
    if (!file) return;
    showMore(false);
    const response = await fetch("api/image?openid=" + encodeURIComponent(whose()), { method: "POST", body: file }).catch(() => null);
    if (!response || !response.ok) {
      const answer = response ? await response.json().catch(() => ({})) : {};
      toast(answer.error || "照片没有发出去");
    }
  });
  $("send-sample").addEventListener("click", () => { showMore(false); attempt({ action: "sample", openid: whose() }); });
  $("pick-place").addEventListener("click", () => $("place").showModal());
  $("place").addEventListener("close", () => {
    const name = $("place").returnValue;
    $("place").returnValue = "";
    const button = [...document.querySelectorAll("#place [data-lat]")].find((b) => b.value === name);
    if (!button) return;
    showMore(false);
    attempt({ action: "location", openid: whose(), text: "河南省漯河市" + name, lat: Number(button.dataset.lat), lon: Number(button.dataset.lon) });
  });
  $("pick-scan").addEventListener("click", () => $("scan").showModal());
  $("scan").addEventListener("close", () => {
    if ($("scan").returnValue === "scan") { showMore(false); attempt({ action: "scan", openid: whose(), text: $("scene").value.trim() }); }
    $("scan").returnValue = "";
  });
}
