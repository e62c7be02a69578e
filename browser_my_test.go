package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/db"
)

// browse opens a page in the browser of a person's phone.
func (h *harness) browse(t *testing.T, width int, openid, path string) *tab {
	t.Helper()
	p := open(t, browser(t), width, "about:blank")
	must(t, p.SetCookies([]*proto.NetworkCookieParam{{Name: "simulated_person", Value: openid, URL: h.url}}))
	p.visit(h.url + path)
	return p
}

// expert makes a member of a group that has every consultation.
func (h *harness) expert(t *testing.T) staff.Actor {
	t.Helper()
	run := func(query string) {
		must(t, h.service.db.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, query)
			return err
		}))
	}
	run(`INSERT INTO accounts (id, login, name, phone, password, password_at, totp, roles, state, created_at, updated_at)
		VALUES ('li', 'li', '李工', '', '', 0, '', 'expert', 'active', 0, 0)`)
	run(`INSERT INTO advisory_groups (id, name, topics, created_at, updated_at) VALUES ('air', '大气组', '废气', 0, 0)`)
	run(`INSERT INTO group_members (group_id, account_id, leads) VALUES ('air', 'li', 0)`)
	run(`UPDATE consultations SET group_id = 'air', expert_id = ''`)
	return staff.Actor{Account: "li", Name: "李工", Roles: []staff.Role{staff.RoleExpert}}
}

func (h *harness) version(t *testing.T, id string) (v int64) {
	t.Helper()
	must(t, h.service.db.QueryRow(context.Background(), `SELECT version FROM consultations WHERE id = $1`, id).Scan(&v))
	return v
}

// sound checks what holds of every page, and keeps a picture of it where
// GREENDESK_TEST_LOOK says.
func (p *tab) sound(title string, width int) {
	p.t.Helper()
	p.fits()
	p.readable(title)
	if dir := os.Getenv("GREENDESK_TEST_LOOK"); dir != "" {
		picture, err := p.Screenshot(true, nil)
		must(p.t, err)
		must(p.t, os.WriteFile(filepath.Join(dir, title+"-"+map[bool]string{true: "phone", false: "desk"}[width < 600]+".png"), picture, 0o600))
	}
}

func (p *tab) write(selector, text string) {
	p.t.Helper()
	e, err := p.Timeout(patience).Element(selector)
	must(p.t, err)
	must(p.t, e.SelectAllText())
	must(p.t, e.Input(text))
}

func (p *tab) sees(words ...string) {
	p.t.Helper()
	for _, w := range words {
		p.until("the page says "+w, `document.readyState === 'complete' && document.body.innerText.includes(`+quoteJS(w)+`)`)
	}
}

func quoteJS(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`", "${", "\\${").Replace(s) + "`"
}

func TestAnEnterpriseSeesItsConsultationThroughInTheBrowser(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		h := newHarness(t, options{})
		ctx := context.Background()
		openid := h.person("家具厂")
		c := h.asked(t, openid, "我们是木门喷漆，活性炭箱多久换一次炭？换下来的炭算不算危废，放哪里、放多久？台账要记到什么程度？")
		li := h.expert(t)
		must(t, h.service.desk.Accept(ctx, li, c.ID, h.version(t, c.ID)))
		must(t, h.service.desk.AskBack(ctx, li, c.ID, h.version(t, c.ID), "请拍一张活性炭箱铭牌的照片，再告诉我每天喷漆几个小时。"))

		p := h.browse(t, width, openid, "/my")
		p.sees("我的咨询", "等您补充")
		p.sound("list", width)
		p.press("a", p.text(`() => document.querySelector('.cases a').textContent`))
		p.sees("请您补充", "铭牌")
		p.sound("asked", width)
		photo := filepath.Join(t.TempDir(), "铭牌 1.png")
		must(t, os.WriteFile(photo, tiny, 0o600))
		input, err := p.Timeout(patience).Element("#files")
		must(t, err)
		must(t, input.SetFiles([]string{photo}))
		p.write("#body", "每天 6 小时，两个喷房。\n<b>夜里不开</b>")
		p.press("button", "提交")
		p.sees("已提交", "<b>夜里不开</b>", "办理中")
		p.until("the photo is shown", `document.querySelector('.files img') && document.querySelector('.files img').naturalWidth > 0`)
		p.sound("added", width)

		cites := []desk.Cited{{Clause: "c1", Document: "挥发性有机物无组织排放控制标准", Number: "GB 37822-2019", Ref: "10.3.4", Path: "/clauses/c1",
			Quote: "采用吸附技术的，应当按照设计要求定期更换吸附剂，并如实记录更换时间和更换量。"}}
		_, err = h.service.desk.Submit(ctx, li, c.ID, h.version(t, c.ID), "活性炭按设计寿命更换，一般累计运行 500 小时换一次。\n\n换下来的按危险废物管理，贮存不超过一年。", cites)
		must(t, err)
		p.visit(h.url + "/my/consultations/" + c.ID)
		p.sees("李工 答复", "10.3.4", "答复解决问题了吗")
		p.sound("answered", width)
		p.click(".stars label:nth-of-type(2)")
		p.write("#said", "还想问台账")
		p.press("button", "提交评价")
		p.sees("谢谢您的评价")
		p.click(".more summary")
		p.write("#reason", "台账要记什么没有说")
		p.press("button", "重新办理")
		p.sees("已重新办理", "台账要记什么没有说")
		p.sound("reopened", width)
		p.quiet()
	})
}

func TestAContactFillsInItsProfileInTheBrowser(t *testing.T) {
	widths(t, func(t *testing.T, width int) {
		h := newHarness(t, options{})
		openid := h.person("食品厂")
		p := h.browse(t, width, openid, "/my/profile")
		p.sees("个人信息告知书")
		p.write("#code", "9144030071526726XH")
		p.write("#company", "漯河某食品有限公司")
		p.write("#name", "张三")
		p.write("#phone", "0395-3131234")
		p.click(".agree input")
		p.press("button", "保存")
		p.sees("校验位对不上", "请选择所在县区")
		p.sound("wrong", width)
		p.write("#code", "9144030071526726XG")
		for _, s := range []struct{ field, option string }{{"#county", "召陵区"}, {"#industry", "方便食品制造"}} {
			e, err := p.Timeout(patience).Element(s.field)
			must(t, err)
			must(t, e.Select([]string{s.option}, true, "text"))
		}
		p.press("button", "保存")
		p.sees("已保存")
		p.sound("profile", width)
		p.press("a", "删除我的资料")
		p.sees("全部删除")
		p.sound("erase", width)
		p.quiet("400")
	})
}
