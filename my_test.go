package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"greendesk/desk"
	"greendesk/internal/wechat/simulator"
)

// visitor is a browser without a window, as it opens pages inside WeChat.
type visitor struct {
	t    *testing.T
	h    *harness
	http *http.Client
}

// visit gives a browser to a person: the simulated platform knows whose phone
// it is.
func (h *harness) visitor(t *testing.T, openid string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	base, err := url.Parse(h.url)
	must(t, err)
	if openid != "" {
		jar.SetCookies(base, []*http.Cookie{{Name: "simulated_person", Value: openid, Path: "/"}})
	}
	return &visitor{t: t, h: h, http: &http.Client{Jar: jar, Timeout: patience}}
}

// page is an answer, read.
type page struct {
	status int
	path   string // where the redirects ended
	header http.Header
	body   string
}

func (v *visitor) do(req *http.Request) page {
	v.t.Helper()
	req.Header.Set("Accept", "text/html")
	resp, err := v.http.Do(req)
	must(v.t, err)
	defer func() { must(v.t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	must(v.t, err)
	return page{status: resp.StatusCode, path: resp.Request.URL.RequestURI(), header: resp.Header, body: string(body)}
}

func (v *visitor) get(path string) page {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.h.url+path, nil)
	must(v.t, err)
	return v.do(req)
}

func (v *visitor) post(path string, form url.Values) page {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.h.url+path, strings.NewReader(form.Encode()))
	must(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// upload is one file of a form.
type upload struct {
	name string
	data []byte
}

func (v *visitor) word(path string, fields url.Values, files ...upload) page {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, value := range values {
			must(v.t, w.WriteField(name, value))
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.name)
		must(v.t, err)
		_, err = part.Write(f.data)
		must(v.t, err)
	}
	must(v.t, w.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.h.url+path, &b)
	must(v.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return v.do(req)
}

func (p page) has(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			t.Errorf("%s (%d) lacks %q", p.path, p.status, w)
		}
	}
}

func (p page) lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			t.Errorf("%s has %q", p.path, w)
		}
	}
}

// asked is a consultation of a person, by its way through the chat.
// between happens between the wish for an expert and the question.
func (h *harness) asked(t *testing.T, openid, question string, between ...func() (*simulator.Exchange, error)) desk.Consultation {
	t.Helper()
	_, err := h.platform.Click(openid, "EXPERT")
	must(t, err)
	for _, fn := range between {
		_, err := fn()
		must(t, err)
	}
	_, err = h.platform.SendText(openid, question)
	must(t, err)
	cs, err := h.service.desk.Mine(context.Background(), openid)
	must(t, err)
	if len(cs) == 0 {
		t.Fatal("no consultation")
	}
	return cs[0]
}

// tiny is a picture of one point.
var tiny = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82")

func TestAContactReadsAndAddsToItsConsultationsOnItsPages(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		h := newHarness(t, o)
		openid := h.person("食品厂")
		c := h.asked(t, openid, "<b>喷漆房</b>的活性炭多久换一次", func() (*simulator.Exchange, error) { return h.platform.SendImage(openid, nil) })
		v := h.visitor(t, openid)
		list := v.get("/my")
		if list.path != "/my" || list.status != http.StatusOK {
			t.Fatalf("signing in ends at %s with %d", list.path, list.status)
		}
		list.has(t, c.Number, "&lt;b&gt;喷漆房&lt;/b&gt;", "等待专家")
		list.lacks(t, "<b>喷漆房")
		path := "/my/consultations/" + c.ID
		thread := v.get(path)
		thread.has(t, c.Number, "补充说明", `name="once"`)
		image := regexp.MustCompile(`<img src="(/my/files/[0-9a-f]+)"`)
		for end := time.Now().Add(patience); image.FindString(thread.body) == "" && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			thread = v.get(path)
		}
		found := image.FindStringSubmatch(thread.body)
		if found == nil {
			t.Fatalf("the photo sent before the question is not in the thread:\n%s", thread.body)
		}
		photo := v.get(found[1])
		if photo.header.Get("Content-Type") != "image/png" || photo.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(photo.body, "\x89PNG") {
			t.Errorf("photo: %d %v", photo.status, photo.header)
		}
		once := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(thread.body)[1]
		form := url.Values{"once": {once}, "body": {"风量是 <i>一万</i>"}}
		for range 2 { // pressed twice
			v.word(path+"/word", form, upload{"说明.txt", []byte("检测报告：达标")}, upload{"烟囱.png", tiny}).has(t, "已提交", "风量是 &lt;i&gt;一万&lt;/i&gt;", "说明.txt")
		}
		again := v.get(path)
		if n := strings.Count(again.body, "风量是"); n != 1 {
			t.Errorf("said %d times", n)
		}
		file := regexp.MustCompile(`href="(/my/files/[0-9a-f]+)">说明\.txt`).FindStringSubmatch(again.body)
		if file == nil {
			t.Fatal("no link to the file")
		}
		saved := v.get(file[1])
		if d := saved.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || !strings.Contains(saved.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("a text is served with %v", saved.header)
		}
		// Nobody else's.
		other := h.visitor(t, h.person("别家"))
		for _, p := range []string{path, found[1], file[1]} {
			if got := other.get(p); got.status != http.StatusNotFound || strings.Contains(got.body, "喷漆房") {
				t.Errorf("another reads %s: %d", p, got.status)
			}
		}
		if got := other.word(path+"/word", url.Values{"once": {"x"}, "body": {"我来"}}); got.status != http.StatusNotFound {
			t.Errorf("another writes: %d", got.status)
		}
		other.get("/my").lacks(t, c.Number)
	})
}

func TestWhatIsNotTakenIsSaidBesideTheFormAndTheRestIsKept(t *testing.T) {
	h := newHarness(t, options{})
	openid := h.person("家具厂")
	c := h.asked(t, openid, "喷漆房要不要做环评")
	v := h.visitor(t, openid)
	path := "/my/consultations/" + c.ID
	v.get(path)
	for name, f := range map[string]upload{
		"收不了":   {"账单.png", []byte("<html><script>alert(1)</script>")},
		"10 MB": {"大.png", append(append([]byte{}, tiny...), make([]byte, desk.MaxAttachment)...)},
	} {
		got := v.word(path+"/word", url.Values{"once": {"a"}, "body": {"要紧的话"}}, upload{"好.png", tiny}, f)
		if got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, got.status)
		}
		got.has(t, name, "要紧的话", `name="attached"`)
	}
	v.word(path+"/word", url.Values{"once": {"b"}}).has(t, "请写几句话")
	v.post(path+"/rating", url.Values{"stars": {"5"}}).has(t, "还没有答复")
	stranger := h.visitor(t, "")
	if got := stranger.word(path+"/word", url.Values{"once": {"c"}, "body": {"x"}}); got.status != http.StatusForbidden {
		t.Errorf("without signing in: %d", got.status)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/my/erase", strings.NewReader("what=all"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := v.do(req); got.status != http.StatusForbidden {
		t.Errorf("another site's form: %d", got.status)
	}
	v.get(path).has(t, "喷漆房要不要做环评")
}

func TestAContactFillsInCorrectsAndErasesItsProfile(t *testing.T) {
	h := newHarness(t, options{})
	openid := h.person("食品厂")
	c := h.asked(t, openid, "冷库的氨要不要备案")
	v := h.visitor(t, openid)
	page := v.get("/my/profile")
	page.has(t, "个人信息告知书", "方便食品制造", "源汇区")
	agreed := regexp.MustCompile(`name="agreed" value="([0-9a-f]+)"`).FindStringSubmatch(page.body)[1]
	form := url.Values{"code": {"9144030071526726XG"}, "company": {"某“食品”<script>有限公司"}, "county": {"召陵区"}, "industry": {"143"}, "permit": {"simplified"},
		"name": {"张三"}, "phone": {"138 0395 1234"}}
	if got := v.post("/my/profile", form); got.status != http.StatusBadRequest {
		t.Errorf("saved without agreeing: %d", got.status)
	} else {
		got.has(t, "同意后勾选", "9144030071526726XG", "张三")
	}
	form.Set("agreed", agreed)
	form.Set("code", "9144030071526726XH")
	v.post("/my/profile", form).has(t, "校验位对不上", "张三", `value="143" selected`)
	form.Set("code", "9144030071526726xg")
	saved := v.post("/my/profile", form)
	saved.has(t, "已保存", `value="13803951234"`, "&lt;script&gt;")
	saved.lacks(t, "<script>")
	v.get("/my/erase").has(t, "删除资料", "全部删除")
	v.post("/my/erase", url.Values{"what": {"profile"}}).has(t, "已经删除")
	v.get("/my/profile").lacks(t, "张三", "9144030071526726XG")
	v.get("/my").has(t, c.Number)
	v.post("/my/erase", url.Values{"what": {"all"}}).has(t, "已经删除")
	again := v.get("/my")
	again.has(t, "还没有提交过咨询")
	again.lacks(t, c.Number)
}

func TestASnapshotUserIsNeverSignedIn(t *testing.T) {
	h := newHarness(t, options{})
	openid := h.person("快照")
	must(t, h.platform.SetSnapshot(openid, true))
	v := h.visitor(t, openid)
	v.get("/my/profile").has(t, "使用完整服务")
	if got := v.post("/my/profile", url.Values{"name": {"张三"}}); got.status != http.StatusForbidden {
		t.Errorf("a snapshot user saves: %d", got.status)
	}
}

func TestALinkOfTheChatLetsInWhereThePlatformCannot(t *testing.T) {
	h := newHarness(t, options{unverified: true})
	openid := h.person("未认证号的食品厂")
	c := h.asked(t, openid, "冷却塔噪声怎么测")
	_, err := h.platform.Click(openid, "MINE")
	must(t, err)
	link := regexp.MustCompile(regexp.QuoteMeta(h.url) + `(/my\?pass=\w+)`)
	said := h.platform.Transcript(openid)
	found := link.FindStringSubmatch(fmt.Sprint(said[len(said)-1]))
	if found == nil {
		t.Fatalf("no link: %+v", said[len(said)-1])
	}
	v := h.visitor(t, "")
	list := v.get(found[1])
	if list.path != "/my" {
		t.Errorf("the pass stays in the address: %s", list.path)
	}
	list.has(t, c.Number)
	v.get("/my/consultations/"+c.ID).has(t, "冷却塔噪声怎么测")
	// The next person's link takes the browser over.
	second := h.person("另一家")
	other := h.asked(t, second, "油烟净化器多久洗一次")
	_, err = h.platform.Click(second, "MINE")
	must(t, err)
	said = h.platform.Transcript(second)
	taken := v.get(link.FindStringSubmatch(fmt.Sprint(said[len(said)-1]))[1])
	taken.has(t, other.Number)
	taken.lacks(t, c.Number)
	// A link that is made up, or over, lets nobody in.
	stranger := h.visitor(t, "")
	stranger.get("/my?pass=ABCDEFGHIJKLMNOPQRSTUVWXYZ").lacks(t, c.Number, other.Number)
}

// TestALinkEndsWithTheContactItWasMadeFor: also for one who comes back.
func TestALinkEndsWithTheContactItWasMadeFor(t *testing.T) {
	h := newHarness(t, options{unverified: true})
	openid := h.person("食品厂")
	h.asked(t, openid, "冷却塔噪声怎么测")
	_, err := h.platform.Click(openid, "MINE")
	must(t, err)
	said := h.platform.Transcript(openid)
	found := regexp.MustCompile(`/my\?pass=\w+`).FindString(fmt.Sprint(said[len(said)-1]))
	if got := h.visitor(t, "").get(found); got.path != "/my" || got.status != http.StatusOK {
		t.Fatalf("the link %q does not let in before: %d %s", found, got.status, got.path)
	}
	_, err = h.platform.Unfollow(openid)
	must(t, err)
	if got := h.visitor(t, "").get(found); got.status == http.StatusOK || strings.HasPrefix(got.path, "/my") {
		t.Errorf("the link of an erased contact: %d %s", got.status, got.path)
	}
	_, err = h.platform.Follow(openid, "")
	must(t, err)
	again := h.asked(t, openid, "油烟净化器多久洗一次")
	got := h.visitor(t, "").get(found)
	if got.status == http.StatusOK || strings.HasPrefix(got.path, "/my") {
		t.Errorf("the old link of a contact that came back: %d %s", got.status, got.path)
	}
	got.lacks(t, again.Number)
}

func TestMediaThatThePlatformForgotIsShownAsLost(t *testing.T) {
	h := newHarness(t, options{noStart: true})
	openid := h.person("食品厂")
	c := h.asked(t, openid, "听我说的这个情况怎么办", func() (*simulator.Exchange, error) { return h.platform.SendVoice(openid, 3*time.Second) })
	h.platform.Clock().Advance(73 * time.Hour)
	must(t, h.service.Start(context.Background()))
	v := h.visitor(t, openid)
	var thread page
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if thread = v.get("/my/consultations/" + c.ID); strings.Contains(thread.body, "没有收下") {
			break
		}
	}
	thread.has(t, "语音没有收下", "只保留 3 天")
}

func TestWhateverIsSentBeforeTheQuestionComesWithIt(t *testing.T) {
	h := newHarness(t, options{})
	must(t, h.platform.Faults().Set(simulator.FaultHTTP502, simulator.Injection{Count: 1})) // the first fetch fails
	openid := h.person("纸箱厂")
	c := h.asked(t, openid, "这些一起看看怎么整改",
		func() (*simulator.Exchange, error) { return h.platform.SendImage(openid, nil) },
		func() (*simulator.Exchange, error) { return h.platform.SendVoice(openid, 3*time.Second) },
		func() (*simulator.Exchange, error) { return h.platform.SendVideo(openid) },
		func() (*simulator.Exchange, error) {
			return h.platform.SendLocation(openid, 33.58, 114.02, "召陵区<黄山路>")
		})
	v := h.visitor(t, openid)
	var thread page
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if thread = v.get("/my/consultations/" + c.ID); strings.Count(thread.body, `"/my/files/`) == 4 { // the picture twice
			break
		}
	}
	thread.has(t, "位置：召陵区黄山路（33.58000，114.02000）", `class="file"`, "<img src=")
	thread.lacks(t, "没有收下", "正在取回")
	types := map[string]bool{}
	for _, m := range regexp.MustCompile(`href="(/my/files/[0-9a-f]+)"`).FindAllStringSubmatch(thread.body, -1) {
		got := v.get(m[1])
		types[got.header.Get("Content-Type")] = true
		if shown := strings.HasPrefix(got.header.Get("Content-Disposition"), "inline"); shown != strings.HasPrefix(got.header.Get("Content-Type"), "image/") {
			t.Errorf("%s is served %s", got.header.Get("Content-Type"), got.header.Get("Content-Disposition"))
		}
	}
	if len(types) != 3 || !types["image/png"] || !types["audio/amr"] || !types["video/mp4"] {
		t.Errorf("types %v", types)
	}
}

func TestAnUnverifiedAccountGetsPhotosWhereThePlatformShowsThemAndTellsOfWhatIsLost(t *testing.T) {
	h := newHarness(t, options{unverified: true})
	openid := h.person("食品厂")
	c := h.asked(t, openid, "看看照片里的烟囱怎么改",
		func() (*simulator.Exchange, error) { return h.platform.SendImage(openid, tiny) },
		func() (*simulator.Exchange, error) { return h.platform.SendVoice(openid, 3*time.Second) })
	_, err := h.platform.Click(openid, "MINE")
	must(t, err)
	said := h.platform.Transcript(openid)
	pass := regexp.MustCompile(`/my\?pass=\w+`).FindString(fmt.Sprint(said[len(said)-1]))
	v := h.visitor(t, "")
	v.get(pass)
	var thread page
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		thread = v.get("/my/consultations/" + c.ID)
		if strings.Contains(thread.body, "没有收下") && strings.Contains(thread.body, `"/my/files/`) {
			break
		}
	}
	thread.has(t, "语音没有收下", "公众号没有认证", "在网页上再传一次", "<img src=")
	thread.lacks(t, "图片没有收下")
	// The chat had said that it was there: at the next contact it says that it is not.
	hello := func() string {
		_, err := h.platform.SendText(openid, "你好")
		must(t, err)
		said := h.platform.Transcript(openid)
		return said[len(said)-1].Text
	}
	told := ""
	for end := time.Now().Add(patience); time.Now().Before(end) && !strings.Contains(told, "没有收到"); time.Sleep(200 * time.Millisecond) {
		told = hello()
	}
	if !strings.Contains(told, "发的语音我们没有收到") || !strings.Contains(told, "打开网页再传") {
		t.Errorf("what is lost is told so: %s", told)
	}
	if again := hello(); strings.Contains(again, "没有收到") {
		t.Errorf("it is told twice: %s", again)
	}
}
