package testenv

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"
)

// Redis starts a private Redis server on a free port of 127.0.0.1, without persistence,
// and returns its url. It stops when t ends. It fails t when Redis is not installed.
func Redis(t testing.TB) string {
	t.Helper()
	binary, err := find("redis-server", "redis-server")
	if err != nil {
		t.Fatal(err)
	}
	for attempt := 1; ; attempt++ {
		addr, s, err := startRedis(binary)
		if err == nil {
			t.Cleanup(func() {
				if err := s.stop(); err != nil {
					t.Error("testenv: redis:", err)
				}
			})
			return "redis://" + addr + "/0"
		}
		if attempt == 3 { // somebody took the port between our looking and using it
			t.Fatal("testenv: redis:", err)
		}
	}
}

func startRedis(binary string) (addr string, s *server, err error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr = free.Addr().String()
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "greendesk-redis-")
	if err != nil {
		return "", nil, err
	}
	s, err = startServer(dir, "KILL", nil, binary, "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", dir)
	if err != nil {
		return "", nil, err
	}
	for start := time.Now(); !answers(addr); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			text := s.logTail()
			_ = s.stop()
			return "", nil, fmt.Errorf("no answer: %s", text)
		}
	}
	return addr, s, nil
}

// answers reports whether a Redis server says PONG.
func answers(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && line == "+PONG\r\n"
}
