package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// inside marks the environment of a reading process. One never starts another: a program
// that does not know Command would start itself without end.
const inside = "IN_GREENDESK_READER"

// helloTimeout is how long a process may take to come up.
const helloTimeout = 30 * time.Second

// child is a running reading process.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     io.Reader
	errs    *head
	missing []string
	memory  int64
}

// launch starts a process and waits for its greeting. An unbound one has no bound on its
// memory and only compiles the PDF engine.
func (r *Reader) launch(ctx context.Context, unbound bool) (*child, error) {
	if os.Getenv(inside) != "" {
		return nil, errors.New("reader: a reading process starts none")
	}
	program := r.opt.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("reader: %w", err)
		}
	}
	work := filepath.Join(r.dir, "work")
	if err := os.MkdirAll(work, 0o700); err != nil {
		return nil, fmt.Errorf("reader: %w", err)
	}
	path := os.Getenv("PATH")
	if r.opt.Path != nil {
		path = *r.opt.Path
	}
	memory := r.opt.Memory
	if unbound {
		memory = 0
	}
	c := &child{cmd: exec.Command(program, Command), errs: &head{}, memory: r.opt.Memory} //nolint:gosec,noctx // this program itself; it outlives one file
	c.cmd.Dir = work
	c.cmd.Env = []string{inside + "=1", "PATH=" + path, "HOME=" + work, "TMPDIR=" + work, "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "OMP_THREAD_LIMIT=1",
		cacheVariable + "=" + r.opt.Cache, memoryVariable + "=" + strconv.FormatInt(memory, 10)}
	c.cmd.Stderr = c.errs
	c.cmd.WaitDelay = stopTimeout
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // killed with all that it started
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("reader: %w", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("reader: %w", err)
	}
	c.out = out
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("reader: %w", err)
	}
	a, err := c.receive(ctx, helloTimeout, nil)
	if err == nil && a.Hello != greeting {
		err = errors.New("it is not this program's reading process")
	}
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("reader: the reading process does not start: %w: %s", err, c.errs)
	}
	c.missing = a.Missing
	return c, nil
}

// ask sends one request and waits for its answer. A process that dies over it, or takes
// too long, is the file's fault, an *Error; it is of no more use then.
func (c *child) ask(ctx context.Context, q request, timeout time.Duration) (answer, error) {
	sent := make(chan error, 1)
	go func() { sent <- writeFrame(c.in, q) }()
	a, err := c.receive(ctx, timeout, sent)
	if err == nil {
		return a, nil
	}
	c.kill()
	switch {
	case ctx.Err() != nil:
		return answer{}, ctx.Err()
	case errors.Is(err, errTimeout):
		return answer{}, &Error{fmt.Sprintf("读了 %d 秒还没有读完，没有导入；请拆成几个文件，或另存为 .docx、.txt 再试", int(timeout.Seconds()))}
	case outOfMemory(c.errs.String()):
		return answer{}, &Error{fmt.Sprintf("读它要用的内存超过 %d MB，没有导入；请拆成几个文件，或另存为 .docx、.txt 再试", c.memory>>20)}
	}
	return answer{}, &Error{"文件有问题，读的时候出错了，没有导入；请用原来的软件打开后另存，再试一次"}
}

// outOfMemory reads from its last words that a process met its bound. Where Go's
// runtime itself is refused memory, it dies on the system's stack (goroutine 0),
// of a null pointer or of a thread that cannot be made, instead of saying so.
func outOfMemory(words string) bool {
	return strings.Contains(words, "out of memory") || strings.Contains(words, "cannot allocate memory") ||
		strings.Contains(words, "\ngoroutine 0 ") && (strings.Contains(words, "SIGSEGV") || strings.Contains(words, "pthread_create failed"))
}

var errTimeout = errors.New("timeout")

// receive waits for the next answer, for the process's end, or for the time to be up.
func (c *child) receive(ctx context.Context, timeout time.Duration, sent <-chan error) (answer, error) {
	type result struct {
		a   answer
		err error
	}
	got := make(chan result, 1)
	go func() {
		var r result
		r.err = readFrame(c.out, &r.a)
		got <- r
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case r := <-got:
			return r.a, r.err
		case err := <-sent:
			if sent = nil; err != nil {
				return answer{}, err
			}
		case <-timer.C:
			return answer{}, errTimeout
		case <-ctx.Done():
			return answer{}, ctx.Err()
		}
	}
}

// kill ends the process and all that it started, at once.
func (c *child) kill() {
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // it may be gone
	_ = c.in.Close()
	_ = c.cmd.Wait() // a killed process reports that it was
}

// stopTimeout is how long a process may take to end by itself.
const stopTimeout = 2 * time.Second

// stop lets the process end.
func (c *child) stop() {
	_ = c.in.Close()
	timer := time.AfterFunc(stopTimeout, func() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) })
	_ = c.cmd.Wait() // nothing depends on how it ended
	timer.Stop()
}

// head keeps the beginning of what a process writes.
type head struct {
	mu  sync.Mutex
	buf []byte
}

// maxHead is kept of the errors of a process: the head of a Go trace names its reason.
const maxHead = 8 << 10

// Write implements io.Writer.
func (t *head) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := maxHead - len(t.buf); room > 0 {
		t.buf = append(t.buf, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (t *head) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
