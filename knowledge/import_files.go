package knowledge

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader"
)

// Limits against files that would fill the memory or the disk.
const (
	maxFile     = 64 << 20 // a document, bytes
	maxUnpacked = 4 << 30  // a JSONL file after unpacking, bytes
)

// fileError is a reason in Chinese why a file was not read.
type fileError struct{ text string }

func (e *fileError) Error() string { return e.text }

var errGzip = errors.New("bad gzip data")

// findFiles lists the files of paths. What cannot be read, and formats that are not
// supported, go into the report.
func findFiles(paths []string, rep *Report) []string {
	var out []string
	fail := func(path string, err error) {
		rep.Failed = append(rep.Failed, FileError{path, reason(osError(err))})
	}
	for _, root := range paths {
		if root == "-" {
			out = append(out, root)
			continue
		}
		info, err := os.Stat(root)
		if err != nil {
			fail(root, err)
			continue
		}
		if !info.IsDir() {
			if err := supported(root); err != nil {
				fail(root, err)
				continue
			}
			out = append(out, root)
			continue
		}
		_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error { // it only returns what we return
			switch {
			case err != nil:
				fail(path, err)
				if e != nil && e.IsDir() {
					return fs.SkipDir
				}
			case path != root && strings.HasPrefix(e.Name(), "."):
				if e.IsDir() {
					return fs.SkipDir
				}
			case e.IsDir():
			case e.Type()&fs.ModeSymlink != 0:
				fail(path, &fileError{"是符号链接，请导入它指向的文件"})
			case !e.Type().IsRegular():
				fail(path, &fileError{"不是普通文件"})
			case supported(path) != nil:
				fail(path, supported(path))
			default:
				out = append(out, path)
			}
			return nil
		})
	}
	return out
}

// supported tells in Chinese why a file cannot be read, by its name.
func supported(path string) error {
	if reader.Supported(path) || isJSONL(path) {
		return nil
	}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp":
		return &fileError{"图片里的文字无法读取，请先做成 PDF，或识别成文本"}
	case ".zip", ".rar", ".7z", ".gz", ".tar":
		return &fileError{"压缩包不能直接导入，请先解压"}
	case ".ppt", ".pptx", ".dps":
		return &fileError{"演示文稿不能直接导入，请另存为 .pdf 或 .docx"}
	case ".ofd":
		return &fileError{"OFD 还不能直接导入，请另存为 .pdf"}
	case "":
		return &fileError{"文件名没有后缀，无法判断格式"}
	default:
		return &fileError{"不支持 " + ext + " 格式，请另存为 .pdf、.docx、.xlsx 或 .txt"}
	}
}

func isJSONL(path string) bool {
	path = strings.ToLower(path)
	return path == "-" || strings.HasSuffix(path, ".jsonl") || strings.HasSuffix(path, ".jsonl.gz")
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file on the command line
	if err != nil {
		return nil, osError(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, osError(err)
	}
	if len(data) > maxFile {
		return nil, &fileError{fmt.Sprintf("文件超过 %d MB，请拆分后再导入", maxFile>>20)}
	}
	return data, nil
}

// osError says in Chinese what the system reports about a file.
func osError(err error) error {
	var known *fileError
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return &fileError{"找不到这个文件或文件夹"}
	case errors.Is(err, fs.ErrPermission):
		return &fileError{"没有读取权限"}
	}
	return &fileError{"读取失败，文件可能已损坏"}
}

// reopenable returns a function that opens the file from its beginning each time, and
// one that cleans up. Standard input is copied to a temporary file.
func reopenable(path string, stdin io.Reader) (open func() (io.ReadCloser, error), done func(), err error) {
	if path != "-" {
		open = func() (io.ReadCloser, error) { return os.Open(path) } //nolint:gosec // the operator names the file on the command line
		return open, func() {}, nil
	}
	if stdin == nil {
		return nil, nil, &fileError{"没有标准输入"}
	}
	tmp, err := os.CreateTemp("", "greendesk-import-*.jsonl")
	if err != nil {
		return nil, nil, &fileError{"无法写临时文件，请检查磁盘空间"}
	}
	done = func() { _ = os.Remove(tmp.Name()) } // a leftover temporary file does no harm
	n, err := io.Copy(tmp, io.LimitReader(stdin, maxUnpacked+1))
	if err = errors.Join(err, tmp.Close()); err != nil || n > maxUnpacked {
		done()
		return nil, nil, &fileError{"标准输入读取失败，或者内容太大"}
	}
	return func() (io.ReadCloser, error) { return os.Open(tmp.Name()) }, done, nil
}

// readJSONL opens the source, unpacks it when it is gzip, and reads its documents.
func readJSONL(open func() (io.ReadCloser, error), fn func(parse.Document) error) error {
	f, err := open()
	if err != nil {
		return osError(err)
	}
	defer f.Close()
	var magic [2]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && n == 0 {
		return parse.ErrEmpty
	}
	in := io.MultiReader(strings.NewReader(string(magic[:n])), f)
	if magic != [2]byte{0x1f, 0x8b} {
		return parse.JSONL(in, fn)
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%w: %w", errGzip, err)
	}
	r := &unpacked{r: z}
	if err := parse.JSONL(r, fn); err != nil {
		return err
	}
	return nil
}

// unpacked bounds what a compressed file may grow to and marks damage.
type unpacked struct {
	r io.Reader
	n int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if u.n += int64(n); u.n > maxUnpacked {
		return n, &fileError{"解压后太大，请拆分后再导入"}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errGzip, err)
	}
	return n, err
}
