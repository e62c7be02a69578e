package wechat

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep a push may nest. The deepest documented one has five levels.
const maxDepth = 8

var (
	errMalformed = errors.New("malformed XML")
	errDirective = errors.New("document types, entities and processing instructions are not accepted")
	errTooDeep   = errors.New("nested too deep")
)

// A leafFunc is told of every closed element: the names from the root to it, its text, and whether it held no element.
// text is as it was sent, not yet cleaned. path is only valid during the call, text as long as the scanned data.
type leafFunc func(path [][]byte, text []byte, leaf bool) error

// scanner reads the small part of XML that the platform writes: elements, text, CDATA and comments. encoding/xml was
// not used because it refuses a whole message for one control character that a user typed, has no depth limit, and
// costs more than the decryption. FuzzScannerAgreesWithEncodingXML holds it to encoding/xml.
type scanner struct {
	data  []byte
	pos   int
	depth int
	names [maxDepth][]byte
	leaf  [maxDepth]bool
	text  []byte // raw text of the innermost element so far
	owned bool   // text is our own copy and no part of data
}

// scanXML calls fn for every closed element of the document in data, whose root must be <xml>.
func scanXML(data []byte, fn leafFunc) error {
	s := scanner{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))}
	s.skipSpace()
	if bytes.HasPrefix(s.data[s.pos:], []byte("<?xml ")) {
		end := bytes.Index(s.data[s.pos:], []byte("?>"))
		if end < 0 {
			return errMalformed
		}
		s.pos += end + 2
	}
	for done := false; !done; {
		var err error
		if done, err = s.step(fn); err != nil {
			return err
		}
	}
	return s.rest()
}

// rest checks that nothing but space and comments follows the root.
func (s *scanner) rest() error {
	for {
		s.skipSpace()
		if s.pos == len(s.data) {
			return nil
		}
		if !bytes.HasPrefix(s.data[s.pos:], []byte("<!--")) {
			return errMalformed
		}
		if err := s.skipComment(); err != nil {
			return err
		}
	}
}

// step reads text up to the next markup and that markup; done reports that the root was closed.
func (s *scanner) step(fn leafFunc) (done bool, err error) {
	next := bytes.IndexByte(s.data[s.pos:], '<')
	if next < 0 {
		return false, errMalformed
	}
	if err := s.addText(s.data[s.pos : s.pos+next]); err != nil {
		return false, err
	}
	s.pos += next
	rest := s.data[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("</")):
		return s.closeTag(fn)
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return false, s.cdata()
	case bytes.HasPrefix(rest, []byte("<!--")):
		return false, s.skipComment()
	case bytes.HasPrefix(rest, []byte("<!")), bytes.HasPrefix(rest, []byte("<?")):
		return false, errDirective
	}
	return s.openTag(fn)
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		s.pos++
	}
}

func (s *scanner) skipComment() error {
	body := s.data[s.pos+4:]
	end := bytes.Index(body, []byte("--"))
	if end < 0 || end+2 >= len(body) || body[end+2] != '>' {
		return errMalformed
	}
	s.pos += 4 + end + 3
	return nil
}

func (s *scanner) cdata() error {
	if s.depth == 0 {
		return errMalformed
	}
	s.pos += len("<![CDATA[")
	end := bytes.Index(s.data[s.pos:], []byte("]]>"))
	if end < 0 {
		return errMalformed
	}
	s.appendText(s.data[s.pos : s.pos+end])
	s.pos += end + 3
	return nil
}

// addText adds character data, with its references resolved, to the innermost element.
func (s *scanner) addText(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	if s.depth == 0 {
		if len(bytes.TrimSpace(raw)) > 0 {
			return errMalformed
		}
		return nil
	}
	if bytes.Contains(raw, []byte("]]>")) {
		return errMalformed
	}
	if bytes.IndexByte(raw, '&') < 0 {
		s.appendText(raw)
		return nil
	}
	resolved, err := resolve(raw)
	if err != nil {
		return err
	}
	s.appendText(resolved)
	return nil
}

func (s *scanner) appendText(b []byte) {
	switch {
	case len(b) == 0:
	case len(s.text) == 0:
		s.text, s.owned = b, false
	case !s.owned:
		s.text, s.owned = append(append(make([]byte, 0, len(s.text)+len(b)), s.text...), b...), true
	default:
		s.text = append(s.text, b...)
	}
}

// openTag reads <name attributes…> or <name/>. Attributes are skipped: the platform writes none.
func (s *scanner) openTag(fn leafFunc) (done bool, err error) {
	if s.depth == maxDepth {
		return false, errTooDeep
	}
	s.pos++
	name := s.name()
	end, selfClosing, ok := s.tagEnd()
	if len(name) == 0 || !ok || (s.depth == 0 && string(name) != "xml") {
		return false, errMalformed
	}
	s.pos = end
	if s.depth > 0 {
		s.leaf[s.depth-1] = false
	}
	s.names[s.depth], s.leaf[s.depth] = name, true
	s.depth++
	s.text = nil
	if selfClosing {
		return s.pop(fn)
	}
	return false, nil
}

func (s *scanner) closeTag(fn leafFunc) (done bool, err error) {
	s.pos += 2
	name := s.name()
	s.skipSpace()
	if s.depth == 0 || !bytes.Equal(name, s.names[s.depth-1]) || s.pos == len(s.data) || s.data[s.pos] != '>' {
		return false, errMalformed
	}
	s.pos++
	return s.pop(fn)
}

func (s *scanner) pop(fn leafFunc) (done bool, err error) {
	path, leaf := s.names[:s.depth], s.leaf[s.depth-1]
	s.depth--
	text := s.text
	s.text = nil
	if !leaf {
		text = nil
	}
	return s.depth == 0, fn(path, text, leaf)
}

func (s *scanner) name() []byte {
	start := s.pos
	for s.pos < len(s.data) && isNameByte(s.data[s.pos], s.pos > start) {
		s.pos++
	}
	return s.data[start:s.pos]
}

// tagEnd finds the end of a start tag, minding quoted attribute values.
func (s *scanner) tagEnd() (end int, selfClosing, ok bool) {
	var quote byte
	for i := s.pos; i < len(s.data); i++ {
		c := s.data[i]
		switch {
		case c == '<':
			return 0, false, false
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1, s.data[i-1] == '/', true
		case i == s.pos && !isSpace(c) && c != '/': // the name must end here
			return 0, false, false
		}
	}
	return 0, false, false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isNameByte(c byte, inside bool) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || inside && ('0' <= c && c <= '9' || c == '-' || c == '.')
}

// resolve replaces the five predefined entities and character references; any other entity is refused.
func resolve(raw []byte) ([]byte, error) {
	out := make([]byte, 0, len(raw))
	for {
		amp := bytes.IndexByte(raw, '&')
		if amp < 0 {
			return append(out, raw...), nil
		}
		out = append(out, raw[:amp]...)
		raw = raw[amp+1:]
		semi := bytes.IndexByte(raw, ';')
		if semi < 0 {
			return nil, errMalformed
		}
		var err error
		if out, err = appendEntity(out, string(raw[:semi])); err != nil {
			return nil, err
		}
		raw = raw[semi+1:]
	}
}

func appendEntity(out []byte, name string) ([]byte, error) {
	switch name {
	case "amp":
		return append(out, '&'), nil
	case "lt":
		return append(out, '<'), nil
	case "gt":
		return append(out, '>'), nil
	case "quot":
		return append(out, '"'), nil
	case "apos":
		return append(out, '\''), nil
	}
	if len(name) < 2 || name[0] != '#' {
		return nil, errDirective
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune {
		return nil, errMalformed
	}
	return utf8.AppendRune(out, rune(n)), nil
}

// clean makes b valid UTF-8 (bad bytes become U+FFFD), turns CR and CRLF into LF as XML asks, and drops control and
// non-characters. It returns b itself when there is nothing to do.
func clean(b []byte) []byte {
	if isClean(b) {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		i += size
		switch {
		case r == '\r':
			if i >= len(b) || b[i] != '\n' {
				out = append(out, '\n')
			}
		case keep(r):
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// cleanText is clean for a string.
func cleanText(s string) string {
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' || c >= 0x7f {
			return string(clean([]byte(s)))
		}
	}
	return s
}

func isClean(b []byte) bool {
	for i := 0; i < len(b); {
		c := b[i]
		if c-' ' <= '~'-' ' || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 || !keep(r) {
			return false
		}
		i += size
	}
	return true
}

// keep reports whether a character may stand in a text: everything but the C0 and C1 controls (tab and line feed
// excepted), DEL, U+FFFE and U+FFFF.
func keep(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n'
	case r < 0x7f:
		return true
	case r < 0xa0:
		return false
	}
	return r != 0xfffe && r != 0xffff
}
