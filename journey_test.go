package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"greendesk/desk"
)

// journey is a hard question on its way through the demo, in the browsers of
// those whom it concerns.
type journey struct {
	*testing.T
	h       *harness
	name    string // of its pictures
	width   int
	staff   string // address of the demo's door for staff
	browser *rod.Browser
	phone   *phone
	expert  *tab
	id      string // of the consultation
	number  string
}

const (
	journeyAsks   = "活性炭箱压差大了怎么调"
	journeyAnswer = "压差升高，多半是炭床被漆雾堵了：先换过滤棉，再测压差；还高就换炭，并记台账。治理设施带病运行会被处罚，请在三天内修好。"
)

// set takes up a phone that follows the account, on which a question was asked
// that nothing settles.
func set(t *testing.T, width int, name string, o options) *journey {
	t.Helper()
	h := newHarness(t, o)
	j := &journey{T: t, h: h, name: name, width: width, staff: h.demoStaff(), browser: browser(t)}
	j.phone = takePhone(t, h, width, "家具厂喷漆车间")
	j.phone.click("#follow")
	j.phone.heard("a greeting")
	said := j.phone.ask(journeyAsks)
	j.phone.expect(said, "没有找到能直接引用的条文", "咨询编号", "大气组", "预计答复", "绑定企业")
	c := h.latest(j.phone.openid)
	j.id, j.number = c.ID, c.Number
	j.phone.expect(said, c.Number)
	j.shows(j.phone.tab, "1-handed-over")
	return j
}

// shows checks a page and keeps a picture of it.
func (j *journey) shows(p *tab, title string) {
	j.Helper()
	p.sound("journey-"+j.name+"-"+title, j.width)
}

// signIn opens the workbench as one of the demo's staff.
func (j *journey) signIn(login string) *tab {
	j.Helper()
	p := open(j.T, j.browser, j.width, j.h.url+"/admin/sign-in")
	j.h.bench(j.T, p, j.staff, login)
	p.eval(`() => { window.confirm = () => true; }`)
	return p
}

// accepted has the expert to whom the question was routed take it.
func (j *journey) accepted() {
	j.Helper()
	j.expert = j.signIn(j.holder())
	j.shows(j.expert, "2-queue")
	j.expert.press(".cases .question", journeyAsks)
	j.expert.sees(j.number, "分派理由", "知识库里没有可以引用的条文", "VOCs")
	j.shows(j.expert, "3-assigned")
	j.expert.press("button", "受理")
	j.expert.until("the draft is there", `document.getElementById('draft')`)
}

// holder is the login of who has the consultation.
func (j *journey) holder() (login string) {
	j.Helper()
	must(j.T, j.h.service.db.QueryRow(context.Background(), `SELECT a.login FROM consultations c JOIN accounts a ON a.id = c.expert_id WHERE c.id = $1`, j.id).Scan(&login))
	return login
}

// asksBack has the expert ask the enterprise.
func (j *journey) asksBack() {
	j.Helper()
	j.expert.press("summary", "请企业补充")
	j.expert.write(`textarea[name=ask]`, "请拍一张压差表和活性炭箱铭牌的照片发来。")
	j.expert.press("button", "发给企业")
	j.expert.sees("等企业补充")
	j.shows(j.expert, "4-asked-back")
}

// answers has the expert write the answer with a clause found beside it, and
// submit it; its words need a second signature.
func (j *journey) answers() (quote string) {
	j.Helper()
	p := j.expert
	p.click(`textarea[name=draft]`)
	must(j.T, p.InsertText(journeyAnswer))
	p.eval(`() => document.querySelector('input[name=q][form=draft]').select()`)
	p.write(`input[name=q][form=draft]`, "未按规定使用污染防治设施 挥发性有机物 罚款")
	must(j.T, p.Keyboard.Press(input.Enter))
	p.until("something is found", `document.querySelector('.found[open]') && !document.querySelector('#found[aria-busy]') && document.querySelector('#found').innerText.includes('罚款')`)
	found := p.text(`() => document.querySelector('.found blockquote').textContent`)
	p.click(`.found button[formaction$="/cite"]`)
	p.until("the quote is in the draft", `document.querySelectorAll('.cites li').length === 1`)
	quote = p.text(`() => document.querySelector('.cites blockquote').textContent`)
	if quote != found {
		j.Errorf("found %q, inserted %q", found, quote)
	}
	j.shows(p, "6-draft")
	p.eval(`() => { window.confirm = () => true; }`)
	p.press("button", "提交答复")
	p.until("it waits for a signature", `document.getElementById('answer').dataset.mode === 'review'`)
	p.sees("待复核的答复", "答复涉及“罚”“停产”")
	j.shows(p, "7-review")
	return quote
}

// signs has a colleague sign.
func (j *journey) signs(login string) {
	j.Helper()
	p := j.signIn(login)
	p.visit(j.h.url + "/admin/work?scope=review")
	p.press(".cases .question", journeyAsks)
	p.until("the signature can be given", `document.querySelector('form[action$="/sign"]')`)
	j.shows(p, "8-sign")
	p.eval(`() => { window.confirm = () => true; }`)
	p.press("button", "同意并签名")
	p.until("it is answered", `document.getElementById('answer').dataset.mode === 'done'`)
	j.shows(p, "9-signed")
	p.quiet()
}

// another is an expert of the group other than who holds the question.
func (j *journey) another() (login string) {
	j.Helper()
	must(j.T, j.h.service.db.QueryRow(context.Background(), `SELECT MIN(a.login) FROM accounts a JOIN group_members m ON m.account_id = a.id
		JOIN consultations c ON c.group_id = m.group_id AND c.expert_id <> a.id WHERE c.id = $1 AND m.leads = 0`, j.id).Scan(&login))
	return login
}

// follow taps a link on the phone, the newest of its label, and returns the
// page that opens.
func (j *journey) follow(selector, label string) *tab {
	j.Helper()
	wait := j.phone.Timeout(patience).WaitOpen()
	j.phone.press(selector, label)
	page, err := wait()
	must(j.T, err)
	p := &tab{Page: page.Context(context.Background()), t: j.T}
	p.watch(p.Page)
	must(j.T, p.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: j.width, Height: 740, DeviceScaleFactor: 1, Mobile: j.width < 600}))
	must(j.T, p.Timeout(patience).WaitLoad())
	return p
}

// caseShows opens the consultation as the expert and waits for words.
func (j *journey) caseShows(words ...string) {
	j.Helper()
	j.expert.visit(j.h.url + "/admin/work/" + j.id)
	j.expert.sees(words...)
}

// photo is a picture as a phone takes it, in a file.
func photo(t *testing.T) string {
	t.Helper()
	const width, height = 640, 480
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: uint8(60 + x/8), G: uint8(90 + y/6), B: 110, A: 255}
			if dx, dy := x-width/2, y-height/2; dx*dx+dy*dy < 150*150 {
				c = color.RGBA{R: 240, G: 240, B: 235, A: 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	path := filepath.Join(t.TempDir(), "压差表.png")
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

func (p *tab) choosesFile(selector, path string) {
	p.t.Helper()
	e, err := p.Timeout(patience).Element(selector)
	must(p.t, err)
	must(p.t, e.SetFiles([]string{path}))
}

const pictureShown = `[...document.querySelectorAll('.post .files img')].some((e) => e.naturalWidth > 100)`

// TestAHardQuestionGoesToTheExpertsAndComesBack is the whole way of a question
// in the demo, as the people whom it concerns go it.
func TestAHardQuestionGoesToTheExpertsAndComesBack(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		j := set(t, width, "pushed", options{})
		j.accepted()
		j.asksBack()
		p := j.phone
		p.expect(p.heard("the expert's question"), "想向您了解", "压差表", "直接回复")
		p.fits()
		p.keyboard()
		p.click("#to-more")
		p.choosesFile("#photo", photo(t))
		p.expect(p.heard("an answer to the photo"), "收到，已转给", j.number)
		j.shows(p.tab, "5-photo")
		j.expert.until("the photo is in the case by itself", pictureShown)
		quote := j.answers()
		j.signs(j.another())
		p.expect(p.heard("the answer"), "已答复", j.number, journeyAnswer, quote, "5分很好")
		j.shows(p.tab, "10-answered")
		j.caseShows("已发出", "客服消息")
		p.expect(p.tap("5分很好"), "谢谢您的评价")
		j.caseShows("企业评价", "5 星")
		j.shows(j.expert, "11-rated")
		mine := j.follow(".bubble a", "打开这件咨询")
		mine.sees(j.number, quote)
		j.shows(mine, "12-page")
		j.caseShows("企业已打开")
		j.phone.quiet()
		j.expert.quiet()
		mine.quiet()
	})
}

// TestAHardQuestionComesBackOnAnAccountWithoutVerification has no push, no web
// authorisation and no right to what people send.
func TestAHardQuestionComesBackOnAnAccountWithoutVerification(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		j := set(t, width, "unverified", options{unverified: true})
		j.accepted()
		j.asksBack()
		j.caseShows("等企业下次联系时先说")
		p := j.phone
		said := p.ask("我的咨询")
		p.expect(said, "想向您了解", "压差表")
		j.shows(p.tab, "5-asked")
		mine := j.follow(".bubble a", "打开这件咨询")
		mine.sees(j.number, "请您补充", "压差表")
		mine.choosesFile("#files", photo(t))
		mine.write("#body", "压差 1800 帕")
		mine.press("button", "提交")
		mine.sees("已提交", "压差 1800 帕")
		j.shows(mine, "5-photo")
		j.expert.until("the photo is in the case by itself", pictureShown)
		quote := j.answers()
		j.signs("demo-lead")
		j.h.delivery(j.h.latest(p.openid), desk.DeliveryWaiting) // the push has been tried
		said = p.ask("你好")
		p.expect(said, "已答复", journeyAnswer, quote, "5分很好")
		j.shows(p.tab, "10-answered")
		mine = j.follow(".bubble a", "打开这件咨询")
		mine.sees("已答复", quote)
		j.shows(mine, "12-page")
		p.expect(p.tap("4分不错"), "谢谢您的评价")
		j.caseShows("企业已打开", "4 星")
		j.shows(j.expert, "11-rated")
		j.phone.quiet()
		j.expert.quiet()
		mine.quiet()
	})
}

// TestAHardQuestionComesBackAfterTheWindowHasClosed has 49 hours go by between
// the question and its answer.
func TestAHardQuestionComesBackAfterTheWindowHasClosed(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		j := set(t, width, "late", options{})
		j.accepted()
		p := j.phone
		p.bench(func() { p.click(`[data-step="172800"]`); p.click(`[data-step="3600"]`) })
		p.until("two days have passed", `document.getElementById('offset').textContent.includes('2 天 1 小时')`)
		j.expert = j.signIn(j.holder())
		j.expert.visit(j.h.url + "/admin/work/" + j.id)
		quote := j.answers()
		j.signs("demo-lead")
		p.until("a card announces it", `document.querySelector('.sheet.template')`)
		p.said++
		j.shows(p.tab, "9-announced")
		j.caseShows("模板消息提醒")
		j.shows(j.expert, "9-waiting")
		said := p.ask("你好")
		p.expect(said, "您 2 日前的咨询", "已答复", journeyAnswer, quote)
		j.shows(p.tab, "10-answered")
		mine := j.follow(".bubble a", "打开这件咨询")
		mine.sees("已答复", quote)
		j.caseShows("企业已打开")
		mine.click(".stars label:nth-of-type(5)")
		mine.press("button", "提交评价")
		mine.sees("谢谢您的评价")
		j.shows(mine, "12-page")
		j.caseShows("5 星")
		j.phone.quiet()
		j.expert.quiet()
		mine.quiet()
		if got := j.h.latest(p.openid).State; got != desk.StateReplied {
			t.Errorf("the consultation is %s", got)
		}
	})
}
