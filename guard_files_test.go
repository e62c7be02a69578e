package main

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"greendesk/internal/apperr"
)

// script is what must never run, whatever file it stands in.
const script = `<html><script>top.pwned()</script><svg xmlns="http://www.w3.org/2000/svg" onload="top.pwned()"/></html>`

// twoFaced are files that are a picture or a document and a page or a drawing
// at once, or that only pretend to be one of them.
func twoFaced(t *testing.T) map[string][]byte {
	t.Helper()
	picture := func(encode func(io.Writer, image.Image) error) []byte {
		var b bytes.Buffer
		must(t, encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))))
		return b.Bytes()
	}
	gifs := picture(func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) })
	jpegs := picture(func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) })
	pngs := picture(png.Encode)
	after := func(b []byte) []byte { return append(slices.Clone(b), script...) }
	comment := append([]byte{0xff, 0xfe, byte((len(script) + 2) >> 8), byte(len(script) + 2)}, script...) // a segment of JPEG
	return map[string][]byte{
		"gif.html":         after(gifs),
		"gif.svg":          []byte("GIF89a/*" + script + "*/=1;"),
		"jpeg.html":        after(jpegs),
		"jpeg-comment.svg": slices.Concat(jpegs[:2], comment, jpegs[2:]),
		"png.html":         after(pngs),
		"png-head.svg":     []byte("\x89PNG\r\n\x1a\n" + script),
		"webp.html":        []byte("RIFF\x10\x00\x00\x00WEBPVP8 " + script),
		"bmp.html":         []byte("BM" + script + strings.Repeat("\x00", 64)),
		"pdf.html":         []byte("%PDF-1.7\n" + script),
		"text.html":        []byte("检测报告：达标\n" + script),
		"page.png":         []byte("<!doctype html>" + script),
		"drawing.jpg":      []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>top.pwned()</script></svg>`),
		"bom.jpg":          []byte("\ufeff  <svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"top.pwned()\"/>"),
		"comment.jpg":      []byte("<!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"top.pwned()\"/>"),
		"xhtml.pdf":        []byte(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>top.pwned()</script></html>`),
		"script.txt":       []byte("#!/bin/sh\necho pwned\n"),
		"program.jpg":      append([]byte("MZ\x90\x00"), script...),
	}
}

// rendered are the types by which a browser would run what stands in a file.
func rendered(mediaType string) bool {
	return strings.Contains(mediaType, "html") || strings.Contains(mediaType, "xml") || strings.Contains(mediaType, "svg") || strings.Contains(mediaType, "script") || mediaType == ""
}

// TestFilesWithTwoFacesAreNeverRendered: for the enterprise and for the expert
// they have the type of what was found in them and no other.
func TestFilesWithTwoFacesAreNeverRendered(t *testing.T) {
	h := newHarness(t, options{})
	address := h.demoStaff()
	lead, err := h.service.staff.AccountOf(t.Context(), "demo-lead")
	must(t, err)
	k := h.infest(t, lead, []string{"台账"})
	var taken []string
	for name, data := range twoFaced(t) {
		a, err := h.service.desk.Attach(t.Context(), k.openid, name, bytes.NewReader(data))
		if apperr.CodeOf(err) == apperr.Invalid {
			continue
		}
		must(t, err)
		taken = append(taken, a.ID)
		_, err = h.service.desk.Word(t.Context(), k.openid, k.ID, "", "文件", []string{a.ID})
		must(t, err)
	}
	if len(taken) < 6 {
		t.Errorf("only %d are taken: nothing is tried", len(taken))
	}
	expert := open(t, browser(t), 360, h.url+"/admin/sign-in")
	h.bench(t, expert, address, "demo-lead")
	newHunt(t, expert)
	v := h.visitor(t, k.openid)
	v.get("/my")
	staffed := h.signedIn(t, expert)
	for _, id := range taken {
		for _, got := range []page{v.get("/my/files/" + id), staffed.get("/admin/files/" + id)} {
			mediaType, how := got.header.Get("Content-Type"), got.header.Get("Content-Disposition")
			shown := slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, mediaType)
			switch {
			case got.status != http.StatusOK || rendered(mediaType):
				t.Errorf("%s: %d %q", got.path, got.status, mediaType)
			case strings.HasPrefix(how, "inline") && !shown, !strings.HasPrefix(how, "inline") && !strings.HasPrefix(how, "attachment"):
				t.Errorf("%s: %s is %s", got.path, mediaType, how)
			case got.header.Get("X-Content-Type-Options") != "nosniff", !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox"):
				t.Errorf("%s: %v", got.path, got.header)
			}
		}
		if v.h.count(`SELECT count(*) FROM attachments WHERE id = $1 AND type LIKE 'image/%'`, id) == 1 { // the others are saved, not opened
			expert.visit(h.url + "/admin/files/" + id)
			if expert.eval(`() => Boolean(document.documentElement.dataset.pwned || document.querySelector('script, svg'))`).Value.Bool() {
				t.Errorf("/admin/files/%s was rendered", id)
			}
		}
	}
	t.Logf("%d of %d files with two faces are taken, none is rendered", len(taken), len(twoFaced(t)))
}

// signedIn is a visitor with the cookies of a tab.
func (h *harness) signedIn(t *testing.T, p *tab) *visitor {
	t.Helper()
	v := h.visitor(t, "")
	cookies, err := p.Cookies([]string{h.url + "/admin/"})
	must(t, err)
	v.carry(cookies)
	return v
}

// carry takes over the cookies of a browser.
func (v *visitor) carry(cookies []*proto.NetworkCookie) {
	base, err := url.Parse(v.h.url + "/admin/")
	must(v.t, err)
	for _, c := range cookies {
		v.http.Jar.SetCookies(base, []*http.Cookie{{Name: c.Name, Value: c.Value, Path: c.Path}})
	}
}
