package parse

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Errors of Parse. Their texts are Chinese and may be shown to people.
var (
	ErrEncoding = errors.New("文字编码无法识别，请另存为 UTF-8 再导入")
	ErrBinary   = errors.New("不是文本文件")
	ErrEmpty    = errors.New("文件里没有正文")
	ErrFormat   = errors.New("不支持这种格式，请转换成 .md、.txt 或 .html")
)

// Decode returns data as UTF-8: a byte order mark decides (UTF-8, UTF-16), then valid
// UTF-8 is taken as it is, else GB18030 is tried. It fails with ErrBinary on NUL bytes
// and with ErrEncoding when neither fits. Line ends become \n.
func Decode(data []byte) (string, error) {
	var text string
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
		if !utf8.Valid(data) {
			return "", ErrEncoding
		}
		text = string(data)
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		s, err := decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), data)
		if err != nil {
			return "", err
		}
		text = s
	case utf8.Valid(data):
		text = string(data)
	default:
		s, err := decodeWith(simplifiedchinese.GB18030, data)
		if err != nil {
			return "", err
		}
		text = s
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", ErrBinary
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), nil
}

// decodeWith refuses a result with more than one replacement character in a thousand:
// x/text puts U+FFFD where bytes do not fit, and a wrong guess gives many.
func decodeWith(enc encoding.Encoding, data []byte) (string, error) {
	if bytes.IndexByte(data, 0) >= 0 && enc == simplifiedchinese.GB18030 {
		return "", ErrBinary
	}
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return "", ErrEncoding
	}
	if bad := bytes.Count(out, []byte("\uFFFD")); bad*1000 > utf8.RuneCount(out) {
		return "", ErrEncoding
	}
	return string(out), nil
}
