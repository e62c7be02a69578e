package wechat

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEveryPushTypeIsDecoded(t *testing.T) {
	event := func(name, rest string) string {
		return pushXML("event", "<Event><![CDATA["+name+"]]></Event>"+rest)
	}
	id := "<MsgId>1234567890123456</MsgId>"
	for _, x := range []struct {
		name, body string
		want       Push
	}{
		{"text", pushXML("text", "<Content><![CDATA[你好 <b>&amp;]]></Content>"+id), Push{MsgType: "text", Content: "你好 <b>&amp;", MsgID: "1234567890123456"}},
		{"text from a menu link", pushXML("text", "<Content>转专家</Content>"+id+"<bizmsgmenuid>101</bizmsgmenuid>"),
			Push{MsgType: "text", Content: "转专家", MenuID: "101", MsgID: "1234567890123456"}},
		{"text from an article", pushXML("text", "<Content>问</Content>"+id+"<MsgDataId>2247</MsgDataId><Idx>1</Idx>"),
			Push{MsgType: "text", Content: "问", MsgDataID: "2247", Idx: "1", MsgID: "1234567890123456"}},
		{"image", pushXML("image", "<PicUrl><![CDATA[http://mmbiz.qpic.cn/a?b=1&c=2]]></PicUrl><MediaId><![CDATA[m1]]></MediaId>"+id),
			Push{MsgType: "image", PicURL: "http://mmbiz.qpic.cn/a?b=1&c=2", MediaID: "m1", MsgID: "1234567890123456"}},
		{"voice", pushXML("voice", "<MediaId>m1</MediaId><Format>amr</Format><MediaId16K>m16</MediaId16K><Recognition><![CDATA[]]></Recognition>"+id),
			Push{MsgType: "voice", MediaID: "m1", MediaID16K: "m16", Format: "amr", MsgID: "1234567890123456"}},
		{"video", pushXML("video", "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>"+id), Push{MsgType: "video", MediaID: "m1", ThumbMediaID: "t1", MsgID: "1234567890123456"}},
		{"shortvideo", pushXML("shortvideo", "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>"+id), Push{MsgType: "shortvideo", MediaID: "m1", ThumbMediaID: "t1", MsgID: "1234567890123456"}},
		{"location", pushXML("location", "<Location_X>33.575855</Location_X><Location_Y>114.016808</Location_Y><Scale>20</Scale><Label><![CDATA[漯河市]]></Label>"+id),
			Push{MsgType: "location", Lat: 33.575855, Lon: 114.016808, Scale: 20, Label: "漯河市", MsgID: "1234567890123456"}},
		{"link", pushXML("link", "<Title>公告</Title><Description>说明</Description><Url><![CDATA[https://a.b/?c]]></Url>"+id),
			Push{MsgType: "link", Title: "公告", Description: "说明", URL: "https://a.b/?c", MsgID: "1234567890123456"}},
		{"subscribe", event("subscribe", "<EventKey><![CDATA[]]></EventKey>"), Push{Event: EventSubscribe}},
		{"subscribe by QR code", event("subscribe", "<EventKey><![CDATA[qrscene_park7]]></EventKey><Ticket><![CDATA[TICKET]]></Ticket>"),
			Push{Event: EventSubscribe, EventKey: "qrscene_park7", Ticket: "TICKET"}},
		{"unsubscribe", event("unsubscribe", "<EventKey/>"), Push{Event: EventUnsubscribe}},
		{"SCAN", event("SCAN", "<EventKey>park7</EventKey><Ticket>TICKET</Ticket>"), Push{Event: EventScan, EventKey: "park7", Ticket: "TICKET"}},
		{"LOCATION", event("LOCATION", "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.385040</Precision>"),
			Push{Event: EventLocation, Lat: 23.137466, Lon: 113.352425, Precision: 119.38504}},
		{"CLICK", event("CLICK", "<EventKey>ASK</EventKey>"), Push{Event: EventClick, EventKey: "ASK"}},
		{"VIEW", event("VIEW", "<EventKey><![CDATA[https://a.b/?c=1&d]]></EventKey><MenuId>MENUID</MenuId>"),
			Push{Event: EventView, EventKey: "https://a.b/?c=1&d", ViewMenuID: "MENUID"}},
		{"TEMPLATESENDJOBFINISH", event("TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID><Status><![CDATA[failed:user block]]></Status>"),
			Push{Event: EventTemplateDone, MsgID: "200163836", Status: "failed:user block"}},
		{"popup event with three lists", event("subscribe_msg_popup_event", `<SubscribeMsgPopupEvent>
			<List><TemplateId><![CDATA[T1]]></TemplateId><SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>2</PopupScene></List>
			<List><TemplateId>T2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString><PopupScene>2</PopupScene></List>
			<List><TemplateId>T3</TemplateId></List></SubscribeMsgPopupEvent>`),
			Push{Event: EventNotifyPopup, Popups: []Popup{{TemplateID: "T1", Status: "accept", Scene: "2"}, {TemplateID: "T2", Status: "reject", Scene: "2"}, {TemplateID: "T3"}}}},
		{"change event", event("subscribe_msg_change_event", "<SubscribeMsgChangeEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List></SubscribeMsgChangeEvent>"),
			Push{Event: EventNotifyChanged, Popups: []Popup{{TemplateID: "T1", Status: "reject"}}}},
		{"sent event", event("subscribe_msg_sent_event", "<SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId><MsgID>17</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>"),
			Push{Event: EventNotifyFinished, Popups: []Popup{{TemplateID: "T1", MsgID: "17", ErrorCode: "0", ErrorStatus: "success"}}}},
		{"a type of tomorrow", pushXML("hologram", "<Beam><Colour>green</Colour></Beam>"+id), Push{MsgType: "hologram", MsgID: "1234567890123456"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.want.ToUser, x.want.FromUser, x.want.CreatedAt = testGH, testUser, testNow.Add(-time.Second)
			if x.want.MsgType == "" {
				x.want.MsgType = "event"
			}
			if got := mustOpen(t, x.body); !reflect.DeepEqual(*got, x.want) {
				t.Fatalf("got  %+v\nwant %+v", *got, x.want)
			}
		})
	}
}

func TestOddTextsDoNotLoseTheMessage(t *testing.T) {
	for name, x := range map[string]struct{ content, want string }{
		"control characters":               {"<Content><![CDATA[a\x08b\x00c\x1b[0md\x7f\u0085e]]></Content>", "abc[0mde"},
		"control characters by reference":  {"<Content>a&#8;b&#x0;c</Content>", "abc"},
		"tab and line feed stay":           {"<Content><![CDATA[a\tb\nc]]></Content>", "a\tb\nc"},
		"CR and CRLF":                      {"<Content><![CDATA[a\r\nb\rc]]></Content>", "a\nb\nc"},
		"bad UTF-8":                        {"<Content><![CDATA[中\xff\xfe文]]></Content>", "中\ufffd\ufffd文"},
		"half a character":                 {"<Content><![CDATA[中\xe4\xb8]]></Content>", "中\ufffd\ufffd"},
		"surrogates by reference":          {"<Content>&#xD83D;</Content>", "\ufffd"},
		"non-characters":                   {"<Content>a\ufffeb\uffff</Content>", "ab"},
		"split CDATA":                      {"<Content><![CDATA[a]]]]><![CDATA[>b]]></Content>", "a]]>b"},
		"references":                       {"<Content>&lt;1 &amp; 2&gt; &quot;&apos; &#20013;&#x6587;</Content>", `<1 & 2> "' 中文`},
		"text, CDATA and comments in turn": {"<Content>a<!-- x --><![CDATA[b]]>c</Content>", "abc"},
		"emoji":                            {"<Content><![CDATA[😀👨‍👩‍👧]]></Content>", "😀👨‍👩‍👧"},
		"nothing":                          {"<Content></Content>", ""},
		"attributes":                       {`<Content a="1>2" b='</x>'>x</Content>`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := openPlain(t, pushXML("text", x.content+"<MsgId>1</MsgId>"))
			if name == "attributes" { // a < in an attribute is no XML
				wantReason(t, err, ReasonBadBody)
				return
			}
			if err != nil || p.Content != x.want {
				t.Fatalf("got %q, %v, want %q", p.Content, err, x.want)
			}
		})
	}
}

func TestOddNumbersDoNotLoseTheMessage(t *testing.T) {
	p := mustOpen(t, pushXML("text", "<Content>转专家</Content><MsgId>1</MsgId><bizmsgmenuid>转专家-7</bizmsgmenuid>"))
	if p.MenuID != "转专家-7" || p.Content != "转专家" {
		t.Fatalf("%+v", p)
	}
	p = mustOpen(t, pushXML("location", "<Location_X>north</Location_X><Location_Y>NaN</Location_Y><Scale>1e300</Scale><Label>x</Label><MsgId>1</MsgId>"))
	if p.Lat != 0 || p.Lon != 0 || p.Scale != 0 || p.Label != "x" {
		t.Fatalf("%+v", p)
	}
	p = mustOpen(t, strings.Replace(textPush("x", "1"), fmt.Sprint(testNow.Unix()-1), " 4102444800 ", 1))
	if p.CreatedAt.Year() != 2100 {
		t.Fatalf("created %v", p.CreatedAt)
	}
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	deep := func(n int) string {
		return pushXML("text", strings.Repeat("<a>", n)+strings.Repeat("</a>", n)+"<MsgId>1</MsgId>")
	}
	mustOpen(t, deep(maxDepth-1))
	for name, x := range map[string]struct {
		body string
		want Reason
	}{
		"nothing":                  {"", ReasonBadBody},
		"no XML":                   {"hello", ReasonBadBody},
		"another root":             {strings.ReplaceAll(textPush("x", "1"), "xml>", "html>"), ReasonBadBody},
		"cut off":                  {textPush("x", "1")[:200], ReasonBadBody},
		"crossed tags":             {pushXML("text", "<a><b></a></b>"), ReasonBadBody},
		"two roots":                {textPush("x", "1") + textPush("y", "2"), ReasonBadBody},
		"text after the root":      {textPush("x", "1") + "x", ReasonBadBody},
		"nested too deep":          {deep(maxDepth), ReasonTooDeep},
		"nested without end":       {"<xml>" + strings.Repeat("<a>", 80000), ReasonTooDeep},
		"a document type":          {"<!DOCTYPE xml>" + textPush("x", "1"), ReasonBadBody},
		"an external entity":       {`<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + pushXML("text", "<Content>&e;</Content>"), ReasonBadBody},
		"an unknown entity":        {pushXML("text", "<Content>&e;</Content>"), ReasonBadBody},
		"a processing instruction": {pushXML("text", "<?php x ?>"), ReasonBadBody},
		"a directive within":       {pushXML("text", "<!ENTITY a 'b'>"), ReasonBadBody},
		"an open reference":        {pushXML("text", "<Content>a & b</Content>"), ReasonBadBody},
		"a reference too far":      {pushXML("text", "<Content>&#x110000;</Content>"), ReasonBadBody},
		"a bare CDATA end":         {pushXML("text", "<Content>a]]>b</Content>"), ReasonBadBody},
		"no sender":                {strings.ReplaceAll(textPush("x", "1"), "FromUserName", "From"), ReasonBadBody},
		"no time":                  {strings.ReplaceAll(textPush("x", "1"), "CreateTime", "Time"), ReasonBadBody},
		"a time that is none":      {strings.ReplaceAll(textPush("x", "1"), fmt.Sprint(testNow.Unix()-1), "9e9"), ReasonBadBody},
		"a time before all":        {strings.ReplaceAll(textPush("x", "1"), fmt.Sprint(testNow.Unix()-1), "-1"), ReasonBadBody},
		"a second sender":          {textPush("x]]></Content><FromUserName>victim</FromUserName><Content><![CDATA[x", "1"), ReasonBadBody},
		"a second MsgId":           {textPush("x", "1</MsgId><MsgId>2"), ReasonBadBody},
		"a crowd of elements":      {pushXML("text", crowd(maxElements)), ReasonBadBody},
		"a crowd of popups":        {pushXML("event", "<SubscribeMsgPopupEvent>"+strings.Repeat("<List></List>", maxPopups+1)+"</SubscribeMsgPopupEvent>"), ReasonBadBody},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openPlain(t, x.body)
			wantReason(t, err, x.want)
		})
	}
}

func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<a%d/>", i)
	}
	return b.String()
}

func TestAnElementRepeatedWithTheSameValueIsHarmless(t *testing.T) {
	if p := mustOpen(t, textPush("x", "1</MsgId><MsgId>1")); p.MsgID != "1" {
		t.Fatalf("%+v", p)
	}
}

func TestKeyIsTheSameForARedeliveryAndAnotherForAllElse(t *testing.T) {
	event := func(rest string) *Push { return mustOpen(t, pushXML("event", rest)) }
	keys := map[string]string{}
	for name, p := range map[string]*Push{
		"text 1":            mustOpen(t, textPush("a", "1")),
		"text 2":            mustOpen(t, textPush("a", "2")),
		"text without id":   mustOpen(t, pushXML("text", "<Content>a</Content>")),
		"other without id":  mustOpen(t, pushXML("text", "<Content>b</Content>")),
		"click A":           event("<Event>CLICK</Event><EventKey>A</EventKey>"),
		"click B":           event("<Event>CLICK</Event><EventKey>B</EventKey>"),
		"view A":            event("<Event>VIEW</Event><EventKey>A</EventKey>"),
		"job 1":             event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID><Status>success</Status>"),
		"job 2":             event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>2</MsgID><Status>success</Status>"),
		"job 2 failed":      event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>2</MsgID><Status>failed</Status>"),
		"popup accepted":    event("<Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>"),
		"popup rejected":    event("<Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List></SubscribeMsgPopupEvent>"),
		"click by another":  {FromUser: "other", CreatedAt: testNow.Add(-time.Second), MsgType: "event", Event: "CLICK", EventKey: "A"},
		"click a second on": {FromUser: testUser, CreatedAt: testNow, MsgType: "event", Event: "CLICK", EventKey: "A"},
	} {
		if other, taken := keys[p.Key()]; taken {
			t.Errorf("%s and %s share the key %s", name, other, p.Key())
		}
		keys[p.Key()] = name
	}
	if got := mustOpen(t, textPush("a", "1")).Key(); got != "m:1" {
		t.Fatal(got)
	}
	// A redelivery has a fresh nonce, timestamp and ciphertext, but the same message.
	c := newTestCallback(t, keyNew, keyOld)
	message := pushXML("event", "<Event>CLICK</Event><EventKey>A</EventKey>")
	q1, b1 := safePush(keyOld, testAppID, message, testNow)
	q2, b2 := safePush(keyNew, testAppID, message, testNow.Add(5*time.Second))
	p1, err1 := c.Open(q1, "text/xml", b1)
	p2, err2 := c.Open(q2, "text/xml", b2)
	if err1 != nil || err2 != nil || p1.Key() != p2.Key() || !strings.HasPrefix(p1.Key(), "e:") {
		t.Fatalf("%v %v %v %v", err1, err2, p1, p2)
	}
}
