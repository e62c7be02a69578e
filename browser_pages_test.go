package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"greendesk/knowledge"
)

const (
	furnaceLaw  = "临江市工业炉窑污染防治条例"
	furnaceFine = "工业炉窑排放黑烟的，由生态环境主管部门责令改正，处一万元以上三万元以下罚款"
)

// writeFurnaceLaw writes two versions of an invented rule, long enough to
// scroll, and returns their folder.
func writeFurnaceLaw(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	numerals := []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八"}
	chapters := []string{"第一章 总则", "第二章 防治措施", "第三章 法律责任"}
	for _, v := range []struct{ day, from, fine string }{{"2015-03-20", "2015年6月1日", "处五千元以上一万元以下罚款"}, {"2021-05-20", "2021年7月1日", "处一万元以上三万元以下罚款"}} {
		var b strings.Builder
		fmt.Fprintf(&b, "# %s\n\n%s 临江市人民代表大会常务委员会第九次会议通过\n\n<!-- INFO END -->\n", furnaceLaw, v.day[:4]+"年5月20日")
		for i, n := range numerals {
			if i%6 == 0 {
				fmt.Fprintf(&b, "\n## %s\n", chapters[i/6])
			}
			switch n {
			case "十三":
				fmt.Fprintf(&b, "\n第%s条 有下列行为之一的，按照以下规定处理：\n\n（一）%s；\n\n（二）拒不改正的，责令停产整治。\n", n, strings.Replace(furnaceFine, "处一万元以上三万元以下罚款", v.fine, 1))
			case "十八":
				fmt.Fprintf(&b, "\n第%s条 本条例自%s起施行。\n", n, v.from)
			default:
				fmt.Fprintf(&b, "\n第%s条 使用工业炉窑的单位应当建立第%s类台账，记录燃料种类、用量、污染防治设施的运行情况和监测数据，台账保存期限不得少于三年。\n\n台账应当按月汇总，并接受生态环境主管部门的检查。\n", n, n)
			}
		}
		must(t, os.WriteFile(filepath.Join(dir, furnaceLaw+"("+v.day+").md"), []byte(b.String()), 0o600))
	}
	return dir
}

// newLawHarness is a harness that also knows the invented rule.
func newLawHarness(t *testing.T) *harness {
	t.Helper()
	h := newHarness(t, options{noStart: true})
	rep, err := h.service.store.Import(context.Background(), knowledge.ImportOptions{Paths: []string{writeFurnaceLaw(t)}})
	must(t, err)
	if rep.NewVersions != 2 || len(rep.Failed) > 0 {
		t.Fatalf("import: %+v", rep)
	}
	must(t, h.service.Start(context.Background()))
	return h
}

// clauseAddress asks a question and returns the address that the answer links.
func (h *harness) clauseAddress(question string) string {
	h.t.Helper()
	openid := h.person("炉窑厂")
	h.says(openid, question)
	for _, b := range h.platform.Transcript(openid) {
		for _, part := range b.Parts {
			if strings.Contains(part.Href, "/clauses/") {
				return part.Href
			}
		}
	}
	h.t.Fatalf("the answer to %q links no clause", question)
	return ""
}

// inForce is a clause of the version in force.
func (h *harness) clauseID(ref string, inForce bool) string {
	h.t.Helper()
	query := `SELECT c.id FROM clauses c JOIN versions v ON v.id = c.version_id WHERE v.title = $1 AND c.ref = $2 AND v.valid_to <> '' ORDER BY v.label`
	if inForce {
		query = strings.Replace(query, "<>", "=", 1)
	}
	var id string
	must(h.t, h.service.db.QueryRow(context.Background(), query, furnaceLaw, ref).Scan(&id))
	return id
}

func TestTheAnswersLinkOpensTheClauseWithItsWordsMarked(t *testing.T) {
	h := newLawHarness(t)
	address := h.clauseAddress("临江市工业炉窑污染防治条例第十三条，工业炉窑排放黑烟罚多少")
	b := browser(t)
	widths(t, func(t *testing.T, width int) {
		p := open(t, b, width, address)
		if got := p.text(`() => document.querySelector('h1').textContent`); got != "第十三条" {
			t.Fatalf("the page is of %q", got)
		}
		marked := p.text(`() => [...document.querySelectorAll('mark')].map((m) => m.textContent).join('')`)
		if !strings.Contains(marked, furnaceFine) {
			t.Errorf("marked is %q", marked)
		}
		if state := p.text(`() => document.querySelector('.state').textContent`); state != knowledge.StateInForce {
			t.Errorf("state %q", state)
		}
		p.readable("clause page")
		p.fits()
		p.click(`a[rel="prev"]`)
		p.until("the clause before", `document.querySelector('h1').textContent === '第十二条'`)
		p.click(`a[rel="next"]`)
		p.until("the clause again", `document.querySelector('h1').textContent === '第十三条'`)
		p.click(`.button`)
		p.until("the whole text at the clause", `document.querySelector('section:target h3').textContent === '第十三条' && scrollY > 400 &&
			document.querySelector('section:target').getBoundingClientRect().top >= 0 && document.querySelector('section:target').getBoundingClientRect().top < innerHeight / 2`)
		p.readable("document page")
		p.fits()
		p.quiet()
	})
}

func TestAnOldVersionSaysSoAndLeadsToTheOneInForce(t *testing.T) {
	h := newLawHarness(t)
	p := open(t, browser(t), 360, h.url+"/clauses/"+h.clauseID("第十三条", false))
	if state := p.text(`() => document.querySelector('.state').textContent`); state != knowledge.StateAmended {
		t.Errorf("state %q", state)
	}
	if said := p.text(`() => document.querySelector('.warning').innerText`); !strings.Contains(said, "2021年7月1日起不再适用") {
		t.Errorf("the warning is %q", said)
	}
	p.readable("old clause")
	p.click(".warning a")
	p.until("the version in force", `document.querySelector('h1').textContent.includes('工业炉窑') && document.querySelector('.state').textContent === '现行有效'`)
	p.quiet()
}

func TestPagesAreCompleteWithoutJavaScript(t *testing.T) {
	h := newLawHarness(t)
	address := h.clauseAddress("临江市工业炉窑污染防治条例第十三条，工业炉窑排放黑烟罚多少")
	b := browser(t)
	p := open(t, b, 360, address)
	with := p.text(`() => document.body.innerText`)
	p.withoutScripts()
	p.visit(address)
	if without := p.text(`() => document.body.innerText`); without != with || !strings.Contains(without, furnaceFine) {
		t.Errorf("without JavaScript the page reads %q", without)
	}
	p.click(".button")
	p.until("the contents", `document.querySelector('details.contents')`)
	p.click("details.contents summary")
	p.press("details.contents a", "第三章 法律责任")
	p.until("the chapter", `location.hash !== '' && document.querySelector(':target').textContent === '第三章 法律责任'`)
	p.quiet()
}

func TestPagesCanBeReadWithTheKeyboardAlone(t *testing.T) {
	h := newLawHarness(t)
	p := open(t, browser(t), 360, h.url+"/clauses/"+h.clauseID("第十三条", true))
	must(t, p.Keyboard.Type(input.Tab))
	p.until("the skip link has the focus and is in sight", `document.activeElement.className === 'skip' && document.activeElement.getBoundingClientRect().top >= 0`)
	must(t, p.Keyboard.Type(input.Enter))
	p.until("the skip link leads to the text", `location.hash === '#main'`)
	seen := map[string]bool{}
	for range 12 {
		must(t, p.Keyboard.Type(input.Tab))
		where := p.text(`() => { const e = document.activeElement; if (e.tagName !== 'A' || e.className === 'skip') return ''; const s = getComputedStyle(e);
			return (e.rel || e.className || 'link') + (e.matches(':focus-visible') && s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? '' : ' without a ring'); }`)
		if strings.Contains(where, "without") {
			t.Errorf("focus cannot be seen: %s", where)
		}
		seen[where] = true
	}
	for _, need := range []string{"prev", "next", "button"} {
		if !seen[need] {
			t.Errorf("Tab does not reach %s: %v", need, seen)
		}
	}
	must(t, p.Navigate(h.url+"/clauses/"+h.clauseID("第十三条", true)))
	p.eval(`() => document.querySelector('a[rel="next"]').focus()`)
	must(t, p.Keyboard.Type(input.Enter))
	p.until("Enter follows the link", `document.querySelector('h1').textContent === '第十四条'`)
	p.quiet()
}

func TestPagesAreLegibleInTheDarkAndOnPaper(t *testing.T) {
	h := newLawHarness(t)
	b := browser(t)
	pages := map[string]string{
		"clause": h.clauseAddress("临江市工业炉窑污染防治条例第十三条，工业炉窑排放黑烟罚多少"), "old clause": h.url + "/clauses/" + h.clauseID("第十三条", false),
		"question": h.clauseAddress("危险废物在厂里能存放多久"), "lost": h.url + "/clauses/none",
	}
	p := open(t, b, 360, h.url+"/clauses/none")
	for name, address := range pages {
		for _, media := range []proto.EmulationSetEmulatedMedia{{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}, {Media: "print"}, {}} {
			must(t, media.Call(p.Page))
			p.visit(address)
			p.readable(fmt.Sprintf("%s page, %+v", name, media.Media))
			p.fits()
		}
	}
	p.quiet("status of 404")
}
