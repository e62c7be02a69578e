package main

import (
	"fmt"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// patience is how long one thing may take, in a browser or not, on a loaded machine.
const patience = time.Minute

// browser starts a Chromium of this test's own and ends it with the test.
func browser(t *testing.T) *rod.Browser {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			binary = p
			break
		}
	}
	if binary == "" {
		t.Fatal("no chromium, chromium-browser or google-chrome in PATH: apt-get install chromium")
	}
	l := launcher.New().Bin(binary).Leakless(false).Headless(true).NoSandbox(true).UserDataDir(t.TempDir()).
		Set("disable-gpu").Set("disable-quic").Set("no-first-run").Set("disable-background-networking").Set("disable-component-update").Set("disable-sync").
		Set("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
	parser := launcher.NewURLParser()
	cmd := exec.Command(binary, l.FormatArgs()...)
	cmd.Stdout, cmd.Stderr = parser, parser
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it goes with a test binary that is killed, too
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have gone by itself
		_ = cmd.Wait()
		time.Sleep(100 * time.Millisecond) // its children's last files, before TempDir goes
	})
	var control string
	select {
	case control = <-parser.URL:
	case <-time.After(patience):
		t.Fatal("Chromium does not start")
	}
	control, err := launcher.ResolveURL(control)
	must(t, err)
	b := rod.New().ControlURL(control)
	must(t, b.Connect())
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// tab is one page in a window of its own, with everything it complained of
// and asked for.
type tab struct {
	*rod.Page
	t *testing.T

	scriptless bool // the page runs no script, ours neither

	mu       sync.Mutex
	problems []string
}

// open opens a window of a width, like a phone below 600 px, and an address.
func open(t *testing.T, b *rod.Browser, width int, address string) *tab {
	t.Helper()
	private, err := b.Incognito()
	must(t, err)
	page, err := private.Page(proto.TargetCreateTarget{})
	must(t, err)
	p := &tab{Page: page, t: t}
	p.watch(page)
	height := 900
	if width < 600 {
		height = 740
	}
	must(t, p.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600}))
	p.visit(address)
	t.Cleanup(func() { _ = private.Close() })
	return p
}

// watch notes errors in the console and requests that leave this machine.
func (p *tab) watch(page *rod.Page) {
	go page.EachEvent(
		func(e *proto.RuntimeExceptionThrown) { p.note("exception: " + e.ExceptionDetails.Text) },
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError {
				p.note("console error")
			}
		},
		func(e *proto.LogEntryAdded) {
			if e.Entry.Level == proto.LogLogEntryLevelError {
				p.note("log: " + e.Entry.Text + " " + e.Entry.URL)
			}
		},
		func(e *proto.NetworkRequestWillBeSent) {
			u, err := url.Parse(e.Request.URL)
			if err != nil || (strings.HasPrefix(u.Scheme, "http") && u.Hostname() != "127.0.0.1") {
				p.note("request left this machine: " + e.Request.URL)
			}
		},
		func(e *proto.PageJavascriptDialogOpening) { p.note("dialog: " + e.Message) },
	)()
	must(p.t, proto.LogEnable{}.Call(page))
}

func (p *tab) note(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, s)
}

// quiet fails for every complaint but those that hold one of the words.
func (p *tab) quiet(but ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.problems {
		allowed := false
		for _, b := range but {
			allowed = allowed || strings.Contains(s, b)
		}
		if !allowed {
			p.t.Errorf("the browser complains: %s", s)
		}
	}
}

// withoutScripts reads pages from now on as a browser does that runs none.
func (p *tab) withoutScripts() {
	p.t.Helper()
	must(p.t, proto.EmulationSetScriptExecutionDisabled{Value: true}.Call(p.Page))
	p.scriptless = true
}

func (p *tab) visit(address string) {
	p.t.Helper()
	page := p.Timeout(patience)
	must(p.t, page.Navigate(address))
	must(p.t, page.WaitLoad())
}

// until waits until the page is there with its scripts, which alone hear keys,
// and a condition written in JavaScript holds.
func (p *tab) until(what, condition string) {
	p.t.Helper()
	if err := p.Timeout(patience).Wait(rod.Eval(`() => document.readyState === 'complete' && !!(` + condition + `)`)); err != nil {
		p.t.Fatalf("waiting until %s: %v", what, err)
	}
}

func (p *tab) eval(js string, args ...any) *proto.RuntimeRemoteObject {
	p.t.Helper()
	o, err := p.Timeout(patience).Eval(js, args...)
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return o
}

func (p *tab) text(js string) string { p.t.Helper(); return p.eval(js).Value.Str() }
func (p *tab) number(js string) int  { p.t.Helper(); return p.eval(js).Value.Int() }

// click clicks the first element of a selector with the mouse, as soon as it
// lies open to it. It works on pages without JavaScript too.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.clickOn(selector, "() => document.querySelector("+strconv.Quote(selector)+")")
}

// press clicks the last element of a selector that reads as a label.
func (p *tab) press(selector, label string) {
	p.t.Helper()
	p.clickOn(label, "() => [...document.querySelectorAll("+strconv.Quote(selector)+")].filter((e) => e.textContent === "+strconv.Quote(label)+").pop()")
}

// A page that changes by itself may move an element away from under the mouse:
// a click that reached another one, or none, is done again.
func (p *tab) clickOn(what, find string) {
	p.t.Helper()
	spot := `() => { const e = (` + find + `)(); if (!e) return null; e.scrollIntoView({ block: 'nearest', behavior: 'instant' });
		const r = e.getClientRects()[0]; if (!r) return null; const x = r.left + r.width / 2, y = r.top + r.height / 2;
		const top = document.elementFromPoint(x, y); if (!top || !(e.contains(top) || top.contains(e))) return null;
		window.clickMissed = true; addEventListener('click', (c) => { window.clickMissed = !(e.contains(c.target) || c.target === top); }, { capture: true, once: true });
		return [x, y]; }`
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		at := p.eval(spot).Value.Arr()
		if len(at) != 2 {
			continue
		}
		mouse := p.Timeout(patience).Mouse
		must(p.t, mouse.MoveTo(proto.NewPoint(at[0].Num(), at[1].Num())))
		must(p.t, mouse.Click(proto.InputMouseButtonLeft, 1))
		missed, err := p.Timeout(patience).Eval(`() => Boolean(window.clickMissed)`)
		if p.scriptless || err != nil || !missed.Value.Bool() { // a page that the click opened, or is opening, knows nothing of a miss
			return
		}
	}
	p.t.Fatalf("%s cannot be clicked", what)
}

// fits fails when the page can be scrolled sideways.
func (p *tab) fits() {
	p.t.Helper()
	if wide := p.number(`() => document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		p.t.Errorf("%s is %d px too wide", p.text(`() => location.pathname`), wide)
	}
}

// readable checks what a screen reader and weak eyes need: the language, one
// main part, headings in order, names, and contrast of every text.
func (p *tab) readable(title string) {
	p.t.Helper()
	if lang := p.text(`() => document.documentElement.lang`); lang != "zh-CN" {
		p.t.Errorf("%s: language %q", title, lang)
	}
	for _, s := range p.eval(accessible).Value.Arr() {
		p.t.Errorf("%s: %s", title, s.Str())
	}
}

// widths are a small phone and a desk screen.
func widths(t *testing.T, fn func(t *testing.T, width int)) {
	t.Helper()
	for _, w := range []int{360, 1440} {
		t.Run(fmt.Sprintf("%d px", w), func(t *testing.T) { fn(t, w) })
	}
}

// accessible returns what is wrong with a page, in words.
const accessible = `() => {
  const wrong = [];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
  const mains = [...document.querySelectorAll('main')].filter(shown).length;
  if (mains !== 1) wrong.push(mains + ' main landmarks');
  const headings = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(shown);
  if (headings.filter((h) => h.tagName === 'H1').length !== 1) wrong.push('not exactly one h1');
  headings.reduce((before, h) => {
    const level = Number(h.tagName[1]);
    if (level > before + 1) wrong.push('heading "' + h.textContent.slice(0, 20) + '" jumps from h' + before + ' to h' + level);
    return level;
  }, 0);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => wrong.push('id twice: ' + id));
  for (const e of document.querySelectorAll('a[href],button,input,select,textarea')) {
    const name = (e.getAttribute('aria-label') || e.textContent || '').trim() || [...e.querySelectorAll('img')].map((i) => i.alt).join('') || [...(e.labels || [])].map((l) => l.textContent.trim()).join('');
    if (shown(e) && !name) wrong.push('no name: ' + e.outerHTML.slice(0, 80));
  }
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const over = (top, under) => { const a = top[3] / 255; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)); };
  const back = (e) => {
    if (!e) return rgba(getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#fff').slice(0, 3);
    const style = getComputedStyle(e), c = rgba(style.backgroundColor);
    if (c[3] === 255) return c.slice(0, 3);
    if (style.backgroundImage !== 'none' && c[3] === 0) return null; // a picture behind: not computable
    const under = back(e.parentElement);
    return under && over(c, under);
  };
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = new Set();
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(e) || e.closest('script,style,noscript,[aria-hidden=true],[disabled]')) continue;
    const box = e.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue; // for screen readers only
    const under = back(e);
    if (!under) continue;
    const a = light(over(rgba(getComputedStyle(e).color), under)), b = light(under);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const key = e.tagName + e.className;
    if (ratio < 4.5 && !told.has(key)) { told.add(key); wrong.push('contrast ' + ratio.toFixed(2) + ' of "' + walker.currentNode.data.trim().slice(0, 20) + '" in ' + e.tagName + '.' + e.className); }
  }
  return wrong;
}`
