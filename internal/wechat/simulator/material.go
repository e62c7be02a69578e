package simulator

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"
)

// mediaUpload takes one multipart file named media.
func (p *Platform) mediaUpload(c *call) (any, *apiErr) {
	kind := c.r.URL.Query().Get("type")
	limits := map[string]int{"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
	codes := map[string]int{"image": 40009, "voice": 40010, "video": 40011, "thumb": 40012}
	if limits[kind] == 0 {
		return nil, fail(40004, "invalid media type")
	}
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, fail(41005, "media data missing")
	}
	parts := multipart.NewReader(strings.NewReader(string(c.body)), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, fail(41005, "media data missing")
		}
		if part.FormName() != "media" || part.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(part)
		if err != nil || len(data) == 0 {
			return nil, fail(44001, "empty media data")
		}
		if len(data) > limits[kind] {
			return nil, fail(codes[kind], "invalid %s size", kind)
		}
		m := p.storeMedia(kind, http.DetectContentType(data), data)
		field := "media_id"
		if kind == "thumb" {
			field = "thumb_media_id"
		}
		return map[string]any{"type": kind, field: m.ID, "created_at": m.CreatedAt.Unix()}, nil
	}
}

func (p *Platform) mediaGet(c *call) (any, *apiErr) {
	m := p.Media(c.r.URL.Query().Get("media_id"))
	if m == nil {
		return nil, fail(40007, "invalid media_id")
	}
	if m.Kind == "video" {
		return map[string]any{"video_url": p.opt.BaseURL + "/mmbiz/" + m.ID}, nil
	}
	return rawAnswer{m.ContentType, fmt.Sprintf("attachment; filename=%q", m.ID+extension(m.ContentType)), m.Data}, nil
}

func extension(contentType string) string {
	switch contentType {
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "audio/amr":
		return ".amr"
	default:
		return ".bin"
	}
}

// servePicture is where PicUrl points: anybody may fetch it.
func (p *Platform) servePicture(w http.ResponseWriter, r *http.Request) {
	m := p.Media(r.PathValue("id"))
	if m == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.ContentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(m.Data)
}

// qrTicket is one QR code of the account.
type qrTicket struct {
	ticket, url, scene string
	until              time.Time // zero = permanent
}

// QR limits.
const (
	maxQRLife     = 2592000
	defaultQRLife = 60
	maxSceneStr   = 64
	maxLimitScene = 100000
)

func (p *Platform) qrCreate(c *call) (any, *apiErr) {
	var req struct {
		Expire int64  `json:"expire_seconds"`
		Action string `json:"action_name"`
		Info   struct {
			Scene struct {
				ID  int64  `json:"scene_id"`
				Str string `json:"scene_str"`
			} `json:"scene"`
		} `json:"action_info"`
	}
	if failure := c.decode(&req); failure != nil {
		return nil, failure
	}
	scene := req.Info.Scene.Str
	idOK := req.Info.Scene.ID > 0 && req.Info.Scene.ID <= 1<<32-1
	if strings.HasSuffix(req.Action, "_STR_SCENE") {
		idOK = len(scene) >= 1 && len(scene) <= maxSceneStr
	} else {
		scene = strconv.FormatInt(req.Info.Scene.ID, 10)
	}
	life := time.Duration(0)
	switch req.Action {
	case "QR_SCENE", "QR_STR_SCENE":
		if req.Expire == 0 {
			req.Expire = defaultQRLife
		}
		if req.Expire < 0 || req.Expire > maxQRLife {
			return nil, fail(40097, "invalid args")
		}
		life = time.Duration(req.Expire) * time.Second
	case "QR_LIMIT_SCENE":
		idOK = idOK && req.Info.Scene.ID <= maxLimitScene
	case "QR_LIMIT_STR_SCENE":
	default:
		return nil, fail(40052, "invalid action name")
	}
	if !idOK {
		return nil, fail(40053, "invalid action info")
	}
	t := p.newTicket(scene, c.now, life)
	answer := map[string]any{"ticket": t.ticket, "url": t.url}
	if life > 0 {
		answer["expire_seconds"] = req.Expire
	}
	return answer, nil
}

func (p *Platform) newTicket(scene string, now time.Time, life time.Duration) *qrTicket {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &qrTicket{ticket: "gQ" + p.randomText(92) + "==", url: "http://weixin.qq.com/q/02" + p.randomText(22), scene: scene}
	if life > 0 {
		t.until = now.Add(life)
	}
	p.tickets[t.ticket] = t
	return t
}

// ticketOf is the newest live ticket of a scene, made up when the account never asked for one.
func (p *Platform) ticketOf(scene string) string {
	now := p.clock.Now()
	p.mu.Lock()
	for _, t := range p.tickets {
		if t.scene == scene && (t.until.IsZero() || now.Before(t.until)) {
			p.mu.Unlock()
			return t.ticket
		}
	}
	p.mu.Unlock()
	return p.newTicket(scene, now, 0).ticket
}

// ScanTicket scans a QR code that the account made: subscribe with its scene, or SCAN when already following. It fails
// on an unknown or lapsed ticket.
func (p *Platform) ScanTicket(openid, ticket string) (*Exchange, error) {
	now := p.clock.Now()
	p.mu.Lock()
	t := p.tickets[ticket]
	p.mu.Unlock()
	if t == nil || (!t.until.IsZero() && !now.Before(t.until)) {
		return nil, fmt.Errorf("simulator: QR ticket is unknown or has lapsed")
	}
	return p.Follow(openid, t.scene)
}

// qrShow draws the QR code of a ticket.
func (p *Platform) qrShow(c *call) (any, *apiErr) {
	p.mu.Lock()
	t := p.tickets[c.r.URL.Query().Get("ticket")]
	p.mu.Unlock()
	if t == nil {
		return nil, fail(40066, "invalid url")
	}
	code, err := qr.Encode(t.url, qr.M)
	if err != nil {
		return nil, fail(-1, "%s", words(-1))
	}
	return rawAnswer{contentType: "image/png", data: code.PNG()}, nil
}

// userInfo: names and faces are no longer told, as on the platform.
func (p *Platform) userInfo(c *call) (any, *apiErr) {
	openid := c.r.URL.Query().Get("openid")
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[openid]
	if u == nil {
		return nil, fail(40003, "invalid openid")
	}
	if !u.following {
		return map[string]any{"subscribe": 0, "openid": openid}, nil
	}
	scene, channel := strings.TrimPrefix(u.scene, "qrscene_"), "ADD_SCENE_SEARCH"
	number, err := strconv.Atoi(scene)
	if u.scene != "" {
		channel = "ADD_SCENE_QR_CODE"
	}
	if err == nil {
		scene = ""
	}
	return map[string]any{
		"subscribe": 1, "openid": openid, "nickname": "", "sex": 0, "language": "zh_CN", "city": "", "province": "", "country": "",
		"headimgurl": "", "subscribe_time": u.followedAt.Unix(), "remark": "", "groupid": 0, "tagid_list": []int{},
		"subscribe_scene": channel, "qr_scene": number, "qr_scene_str": scene,
	}, nil
}

// withQuery adds parameters to an address.
func withQuery(address string, add url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	for k, v := range add {
		q[k] = v
	}
	u.RawQuery = q.Encode()
	return u.String()
}
