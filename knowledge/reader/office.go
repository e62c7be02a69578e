package reader

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"greendesk/knowledge/parse"
)

var errNoOffice = &Error{"读这种老格式要用 LibreOffice，这台机器上没有装；请装上 libreoffice-writer 和 libreoffice-calc，或用 Word、WPS 另存为 .docx 或 .xlsx 再导入"}

var errOffice = &Error{"LibreOffice 打不开这个文件，可能已损坏或有密码；请用 Word、WPS 打开后另存为 .docx 或 .xlsx 再导入"}

// How files begin. What stands behind a name's ending is often another format.
var (
	zipped   = []byte("PK\x03\x04")
	compound = []byte("\xd0\xcf\x11\xe0") // Word, Excel and WPS before 2007
	richText = []byte("{\\rtf")
)

// filterOf names LibreOffice's way of reading a file: left to itself it would take
// anything for text. "" is a file of no kind that it should read.
func filterOf(data []byte, to string) string {
	switch word := to == "docx"; {
	case bytes.HasPrefix(data, compound) && word:
		return "MS Word 97"
	case bytes.HasPrefix(data, compound):
		return "MS Excel 97"
	case bytes.HasPrefix(data, richText):
		return "Rich Text Format"
	case bytes.HasPrefix(data, zipped) && word:
		return "writer8"
	case bytes.HasPrefix(data, zipped):
		return "calc8"
	}
	return ""
}

// converted reads a file by way of LibreOffice. One that is of the newer format, or a
// web page, whatever its name, is read as that.
func (s *server) converted(ctx context.Context, q request, to string) (parse.Document, error) {
	base := strings.TrimSuffix(q.Name, path.Ext(q.Name))
	name := base + "." + to
	if bytes.HasPrefix(q.Data, zipped) {
		if d, err := parse.Parse(name, q.Data); err == nil {
			return d, nil
		}
	}
	if top := bytes.ToLower(q.Data[:min(len(q.Data), 1024)]); bytes.Contains(top, []byte("<html")) {
		return parse.Parse(base+".html", q.Data)
	}
	filter := filterOf(q.Data, to)
	if filter == "" {
		return parse.Document{}, errOffice
	}
	program, err := exec.LookPath("soffice")
	if err != nil {
		return parse.Document{}, errNoOffice
	}
	dir, err := os.MkdirTemp("", "office-")
	if err != nil {
		return parse.Document{}, fmt.Errorf("office: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the whole folder goes with the reader
	from := filepath.Join(dir, "document"+strings.ToLower(path.Ext(q.Name)))
	if err := os.WriteFile(from, q.Data, 0o600); err != nil {
		return parse.Document{}, fmt.Errorf("office: %w", err)
	}
	profile := "-env:UserInstallation=file://" + filepath.Join(os.TempDir(), "office-profile")                                                                       // kept: the first start makes it
	cmd := exec.CommandContext(ctx, program, profile, "--headless", "--norestore", "--nolockcheck", "--infilter="+filter, "--convert-to", to, "--outdir", dir, from) //nolint:gosec // found in PATH
	if err := cmd.Run(); err != nil {
		return parse.Document{}, errOffice
	}
	data, err := os.ReadFile(filepath.Join(dir, "document."+to)) //nolint:gosec // our own folder
	if err != nil {
		return parse.Document{}, errOffice
	}
	return parse.Parse(name, data)
}
