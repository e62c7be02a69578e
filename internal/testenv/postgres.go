package testenv

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// One PostgreSQL server per test binary; it ends with the binary.
var (
	postgres     = sync.OnceValues(startPostgreSQL)
	databaseSeq  atomic.Int64
	startTimeout = 30 * time.Second
)

// PostgreSQL returns the url of a fresh empty database, dropped when t ends. The server
// (shared by the tests of a binary, without fsync) listens on a Unix socket only, so no
// port can be taken. It fails t when PostgreSQL is not installed.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	return createDatabase(t, "template0")
}

// createDatabase copies a template under a new name.
func createDatabase(t testing.TB, template string) string {
	t.Helper()
	s, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d", databaseSeq.Add(1))
	if err := admin(t.Context(), s, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin(context.Background(), s, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return databaseURL(s, name)
}

func databaseURL(s *server, name string) string {
	return "postgres://greendesk@/" + name + "?host=" + url.QueryEscape(s.dir)
}

// admin runs one statement in the maintenance database.
func admin(ctx context.Context, s *server, query string) error {
	conn, err := pgx.Connect(ctx, databaseURL(s, "postgres"))
	if err != nil {
		return fmt.Errorf("testenv: postgres: %w", err)
	}
	_, err = conn.Exec(ctx, query)
	return errors.Join(err, conn.Close(ctx))
}

func startPostgreSQL() (*server, error) {
	initdb, err := find("initdb", "postgresql", "/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/bin/initdb")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "greendesk-postgres-")
	if err != nil {
		return nil, fmt.Errorf("testenv: %w", err)
	}
	cred, err := serverUser(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(initdb, "-D", data, "-U", "greendesk", "-A", "trust", "-E", "UTF8",
		"--locale", "C.UTF-8", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("testenv: initdb: %w: %s", err, out)
	}
	s, err := startServer(dir, "QUIT", cred, filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+dir, "-c", "max_connections=300",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB",
		"-c", "autovacuum=off", "-c", "jit=off")
	if err != nil {
		return nil, fmt.Errorf("testenv: postgres: %w", err)
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := admin(context.Background(), s, "SELECT 1")
		if err == nil {
			return s, nil
		}
		if time.Since(start) > startTimeout {
			return nil, fmt.Errorf("%w: %s", err, s.logTail())
		}
	}
}

// serverUser gives dir to the user postgres when running as root, which PostgreSQL
// refuses to run as.
func serverUser(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("testenv: running as root needs a user postgres: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("testenv: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil //nolint:gosec // a user id fits
}
