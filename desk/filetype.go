package desk

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"greendesk/internal/apperr"
)

// Kinds of attachments.
const (
	AttachedImage    = "image"
	AttachedVoice    = "voice"
	AttachedVideo    = "video"
	AttachedFile     = "file"
	AttachedLocation = "location"
)

// Limits of an attachment, in bytes.
const (
	MaxAttachment = 10 << 20
	maxVideo      = 30 << 20 // fetched from the platform
)

// shownTypes are the pictures that a browser may show in a page. Everything
// else is only ever downloaded.
var shownTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// takenTypes are the other types that are taken, by kind.
var takenTypes = map[string][]string{
	AttachedImage: {"image/bmp", "image/heic", "image/heif", "image/tiff"},
	AttachedVoice: {"audio/amr", "audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/x-m4a"},
	AttachedVideo: {"video/mp4", "video/quicktime", "video/3gpp", "video/webm"},
	AttachedFile: {"application/pdf", "application/msword", "application/vnd.ms-excel", "text/plain", "text/csv",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ole-storage"},
}

// judge tells by its first bytes what a file is. The name and what the sender
// says of it count for nothing. The error is Invalid and says what is taken.
func judge(head []byte) (kind, mediaType string, err error) {
	found := mimetype.Detect(head)
	if slices.ContainsFunc(shownTypes, found.Is) {
		return AttachedImage, bare(found.String()), nil
	}
	for _, kind := range []string{AttachedImage, AttachedVoice, AttachedVideo, AttachedFile} {
		if slices.ContainsFunc(takenTypes[kind], found.Is) {
			return kind, bare(found.String()), nil
		}
	}
	return "", "", apperr.New(apperr.Invalid, "这种文件收不了。可以发照片、语音、视频，以及 PDF、Word、Excel 文件。")
}

func bare(mediaType string) string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return mediaType
}

// Shown reports whether a browser may show the attachment in a page.
func (a Attachment) Shown() bool { return slices.Contains(shownTypes, a.Type) }

// maxFileName is the longest name that is kept, in characters.
const maxFileName = 80

// cleanFileName makes a name that names no folder, hides nothing (control and
// direction characters) and is not too long; it keeps its ending.
func cleanFileName(name string) string {
	name = path.Base("/" + strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), strings.ContainsRune(`/:*?"<>|`, r):
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if n := utf8.RuneCountInString(name); n > maxFileName {
		end := path.Ext(name)
		if utf8.RuneCountInString(end) > 8 {
			end = ""
		}
		name = string([]rune(name)[:maxFileName-utf8.RuneCountInString(end)]) + end
	}
	return name
}
