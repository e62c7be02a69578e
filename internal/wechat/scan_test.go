package wechat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

var scanSeeds = []string{
	textPush("小微企业怎么做？", "6054768590064713728"),
	pushXML("event", "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId></List><List/></SubscribeMsgPopupEvent>"),
	`<?xml version="1.0" encoding="UTF-8"?><xml a="b>c"><x> &lt;&#65; <!-- c --> <![CDATA[]] ]]></x ></xml><!-- end -->`,
	"\xef\xbb\xbf<xml><a/><b></b>\r\nt<c>\x08\x00\xff</c></xml>",
	`<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>`,
	"<xml><![CDATA[", "<xml><a", "<xml>&#", "<xml></xml", "<xml><a b='</a></xml>",
	strings.Repeat("<xml>", 9) + strings.Repeat("</xml>", 9),
}

// leaves lists what our scanner makes of a document.
func leaves(data []byte) (out []string, err error) {
	err = scanXML(data, func(path [][]byte, text []byte, leaf bool) error {
		if leaf {
			out = append(out, string(bytes.Join(path, []byte("/")))+"="+string(clean(text)))
		}
		return nil
	})
	return out, err
}

// reference lists what encoding/xml makes of it.
func reference(data []byte) (out []string, err error) {
	type frame struct {
		text bytes.Buffer
		leaf bool
	}
	var names []string
	var stack []*frame
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			if len(stack) > 0 {
				stack[len(stack)-1].leaf = false
			}
			names, stack = append(names, x.Name.Local), append(stack, &frame{leaf: true})
		case xml.EndElement:
			if top := stack[len(stack)-1]; top.leaf {
				out = append(out, strings.Join(names, "/")+"="+string(clean(top.text.Bytes())))
			}
			names, stack = names[:len(names)-1], stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text.Write(x)
			}
		case xml.Directive:
			return nil, errDirective
		}
	}
}

// FuzzScannerAgreesWithEncodingXML holds our scanner to the standard library: what both accept they read alike.
func FuzzScannerAgreesWithEncodingXML(f *testing.F) {
	for _, s := range scanSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := leaves(data)
		want, wantErr := reference(data)
		if err != nil || wantErr != nil {
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}

func TestScannerAcceptsWhatEncodingXMLAccepts(t *testing.T) {
	for _, s := range scanSeeds[:3] {
		got, err := leaves([]byte(s))
		want, wantErr := reference([]byte(s))
		if err != nil || wantErr != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %q %v\nwant %q %v", s, got, err, want, wantErr)
		}
	}
}

// FuzzOpen gives rightly signed nonsense to every mode: nothing may panic, and what opens is clean.
func FuzzOpen(f *testing.F) {
	for _, s := range scanSeeds {
		f.Add([]byte(s), "AAAA", "text/xml")
	}
	_, safe := safePush(keyNew, testAppID, textPush("x", "1"), testNow)
	f.Add(safe, "", "application/json")
	plain, secure := newTestCallback(f), newTestCallback(f, keyNew, keyOld)
	f.Fuzz(func(t *testing.T, body []byte, secret, contentType string) {
		check := func(p *Push, err error) {
			if reason := ReasonOf(err); reason == ReasonPanic || (err == nil) != (p != nil) || err != nil && reason == "" {
				t.Fatalf("%v, %v", p, err)
			}
			if p == nil {
				return
			}
			for _, s := range []string{p.FromUser, p.Content, p.EventKey, p.MenuID, p.Key()} {
				if s != string(clean([]byte(s))) {
					t.Fatalf("%q is not clean", s)
				}
			}
		}
		check(plain.Open(plainQuery(testNow), contentType, body))
		check(plain.Open(plainQuery(testNow), "text/xml", body))
		q, outer := safePush(keyOld, testAppID, string(body), testNow)
		check(secure.Open(q, "text/xml", outer))
		q.Set("msg_signature", sign(testToken, q.Get("timestamp"), q.Get("nonce"), secret))
		check(secure.Open(q, "text/xml", fmt.Appendf(nil, "<xml><Encrypt>%s</Encrypt></xml>", secret)))
		check(secure.Open(url.Values{"timestamp": {secret}, "nonce": {secret}, "signature": {secret}}, contentType, body))
	})
}

// FuzzSealedTextComesBack: whatever the text, the platform reads back what we meant and nothing else.
func FuzzSealedTextComesBack(f *testing.F) {
	f.Add("你好]]>\x00]\x01]>")
	f.Add("]]]]]>>><![CDATA[")
	c := newTestCallback(f, keyNew)
	f.Fuzz(func(t *testing.T, s string) {
		body, err := c.Seal(&Push{ToUser: testGH, FromUser: testUser}, TextReply(s))
		if err != nil || string(body) == "success" {
			return
		}
		inner, _ := openReply(t, keyNew, body)
		var got replyXML
		if err := xml.Unmarshal(inner, &got); err != nil || got.Content != string(clean([]byte(s))) || got.MsgType != "text" {
			t.Fatalf("%q came back as %q, %v", s, got.Content, err)
		}
	})
}
