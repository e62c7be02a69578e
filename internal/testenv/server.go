package testenv

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// watcher is the shell that outlives the test binary by a moment. Its arguments are the
// folder, the signal to end the server with, and the server's command line.
const watcher = `
dir=$1; signal=$2; shift 2
"$@" </dev/null >"$dir/log" 2>&1 &
server=$!
cat >/dev/null            # until the test binary closes the pipe or dies
kill -s "$signal" "$server"
wait "$server"
rm -rf "$dir"
`

// server is one running server and its folder.
type server struct {
	dir   string
	pipe  io.Closer
	shell *exec.Cmd
}

// startServer runs a command in the keeping of a watcher. cred is nil or the user to
// run as; the watcher stays who we are, as only we may remove what we made.
func startServer(dir, signal string, cred *syscall.Credential, command ...string) (*server, error) {
	if cred != nil {
		setpriv, err := find("setpriv", "util-linux")
		if err != nil {
			return nil, err
		}
		command = append([]string{setpriv, fmt.Sprintf("--reuid=%d", cred.Uid), fmt.Sprintf("--regid=%d", cred.Gid), "--clear-groups"}, command...)
	}
	args := append([]string{"-c", watcher, "greendesk-testenv", dir, signal}, command...)
	shell := exec.Command("/bin/sh", args...)
	shell.Dir = dir
	// A group of its own: Ctrl-C in the terminal must not reach the watcher first.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	return &server{dir: dir, pipe: pipe, shell: shell}, nil
}

// stop ends the server and waits until its folder is gone.
func (s *server) stop() error {
	if err := s.pipe.Close(); err != nil {
		return err
	}
	return s.shell.Wait()
}

// logTail returns the end of the server's log, for the message of a failed start.
func (s *server) logTail() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// find returns the path of a binary from PATH or one of the glob patterns, the last
// match first (the newest version), or an error that says what to install.
func find(name, install string, globs ...string) (string, error) {
	for _, g := range globs {
		if found, _ := filepath.Glob(g); len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	return "", fmt.Errorf("testenv: %s not found; install it: apt-get install %s", name, install)
}
