package wechat

import (
	"encoding/xml"
	"reflect"
	"strings"
	"testing"
)

// replyXML is a passive reply as the platform's documents describe it.
type replyXML struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string
	FromUserName string
	CreateTime   int64
	MsgType      string
	Content      string
	MediaID      []string `xml:"Image>MediaId"`
	Voice        []string `xml:"Voice>MediaId"`
	Video        *videoXML
	Music        *musicXML
	ArticleCount int
	Articles     []articleXML `xml:"Articles>item"`
	KfAccount    string       `xml:"TransInfo>KfAccount"`
}

type videoXML struct {
	MediaID     string `xml:"MediaId"`
	Title       string
	Description string
}

type musicXML struct {
	Title        string
	Description  string
	MusicURL     string `xml:"MusicUrl"`
	HQMusicURL   string `xml:"HQMusicUrl"`
	ThumbMediaID string `xml:"ThumbMediaId"`
}

type articleXML struct {
	Title       string
	Description string
	PicURL      string `xml:"PicUrl"`
	URL         string `xml:"Url"`
}

func seal(t testing.TB, r Reply) []byte {
	t.Helper()
	body, err := newTestCallback(t).Seal(&Push{ToUser: testGH, FromUser: testUser}, r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestEveryReplyTypeIsWrittenAsDocumented(t *testing.T) {
	for name, x := range map[string]struct {
		reply Reply
		want  replyXML
	}{
		"text":  {TextReply("第一条\n第二条"), replyXML{MsgType: "text", Content: "第一条\n第二条"}},
		"link":  {TextReply(MenuLink(101, "转专家", "转专家")), replyXML{MsgType: "text", Content: `<a href="weixin://bizmsgmenu?msgmenucontent=转专家&msgmenuid=101">转专家</a>`}},
		"image": {Reply{Type: ReplyImage, MediaID: "m"}, replyXML{MsgType: "image", MediaID: []string{"m"}}},
		"voice": {Reply{Type: ReplyVoice, MediaID: "m"}, replyXML{MsgType: "voice", Voice: []string{"m"}}},
		"video": {Reply{Type: ReplyVideo, MediaID: "m", Title: "t", Description: "d"}, replyXML{MsgType: "video", Video: &videoXML{"m", "t", "d"}}},
		"music": {Reply{Type: ReplyMusic, Title: "t", Description: "d", MusicURL: "u", HQMusicURL: "h", ThumbMediaID: "m"},
			replyXML{MsgType: "music", Music: &musicXML{"t", "d", "u", "h", "m"}}},
		"news": {Reply{Type: ReplyNews, Articles: []Article{{"t", "d", "p", "https://a.b/?c=1&d=2"}}},
			replyXML{MsgType: "news", ArticleCount: 1, Articles: []articleXML{{"t", "d", "p", "https://a.b/?c=1&d=2"}}}},
		"transfer":          {Reply{Type: ReplyTransfer}, replyXML{MsgType: "transfer_customer_service"}},
		"transfer to agent": {Reply{Type: ReplyTransfer, KfAccount: "a@b"}, replyXML{MsgType: "transfer_customer_service", KfAccount: "a@b"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got replyXML
			body := seal(t, x.reply)
			if err := xml.Unmarshal(body, &got); err != nil {
				t.Fatalf("%v\n%s", err, body)
			}
			x.want.XMLName = xml.Name{Local: "xml"}
			x.want.ToUserName, x.want.FromUserName, x.want.CreateTime = testUser, testGH, testNow.Unix()
			if !reflect.DeepEqual(got, x.want) {
				t.Fatalf("got  %+v\nwant %+v", got, x.want)
			}
		})
	}
}

func TestNothingToSayIsSuccessInEveryMode(t *testing.T) {
	for _, keys := range [][]string{nil, {keyNew}} {
		for _, r := range []Reply{{}, TextReply(""), TextReply(" \n"), {Type: ReplyText, Text: "\t"}} {
			body, err := newTestCallback(t, keys...).Seal(&Push{}, r)
			if err != nil || string(body) != "success" {
				t.Fatalf("%+v: %q, %v", r, body, err)
			}
		}
	}
}

func TestNoTextLeavesItsElement(t *testing.T) {
	for in, want := range map[string]string{
		"a]]>b": "a]]>b",
		"]]></Content><MsgType>image</MsgType><Content><![CDATA[": "]]></Content><MsgType>image</MsgType><Content><![CDATA[",
		"]]]]>>":         "]]]]>>",
		"a]\x00]>b":      "a]]>b",
		"a]]\x08>b":      "a]]>b",
		"a\x00\x1bb\x7f": "ab",
		"中\xff文":         "中\ufffd文",
		"<b>&amp;</b>":   "<b>&amp;</b>",
		"a\r\nb":         "a\nb",
	} {
		var got replyXML
		body := seal(t, TextReply(in))
		if err := xml.Unmarshal(body, &got); err != nil || got.Content != want || got.MsgType != "text" {
			t.Errorf("%q: got %q, %v\n%s", in, got.Content, err, body)
		}
	}
}

func TestNamesOfAPushCannotWriteMarkupIntoAReply(t *testing.T) {
	body, err := newTestCallback(t).Seal(&Push{ToUser: "]]><x>", FromUser: "]]></ToUserName>"}, TextReply("x"))
	var got replyXML
	if err != nil || xml.Unmarshal(body, &got) != nil || got.ToUserName != "]]></ToUserName>" || got.FromUserName != "]]><x>" {
		t.Fatalf("%v %+v", err, got)
	}
}

func TestRepliesThePlatformWouldRefuseAreErrors(t *testing.T) {
	c := newTestCallback(t)
	for name, r := range map[string]Reply{
		"text over the limit":  TextReply(strings.Repeat("字", 682) + "abc"),
		"image without a file": {Type: ReplyImage},
		"music without a file": {Type: ReplyMusic, Title: "t"},
		"news of nothing":      {Type: ReplyNews},
		"news of two":          {Type: ReplyNews, Articles: make([]Article, 2)},
		"an unknown type":      {Type: "hologram"},
	} {
		body, err := c.Seal(&Push{}, r)
		if ReasonOf(err) != ReasonBadReply || body != nil {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
	if _, err := c.Seal(nil, TextReply("x")); ReasonOf(err) != ReasonBadReply {
		t.Error(err)
	}
	if _, err := c.Seal(&Push{}, TextReply(strings.Repeat("字", 682)+"ab")); err != nil {
		t.Errorf("2,048 bytes: %v", err)
	}
}
