package testenv_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"greendesk/internal/db"
	"greendesk/internal/testenv"
)

// victimEnv makes this test binary start servers, print where they are, and hang.
const victimEnv = "GREENDESK_TESTENV_VICTIM"

func TestEachDatabaseGivesFreshMigratedDatabases(t *testing.T) {
	var seen []db.Dialect
	for range 2 {
		testenv.EachDatabase(t, func(t *testing.T, d *db.DB) {
			seen = append(seen, d.Dialect())
			err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ('a', 'b')`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if fmt.Sprint(seen) != "[sqlite postgres sqlite postgres]" {
		t.Fatal(seen)
	}
}

func TestARedisServerEndsWithItsTest(t *testing.T) {
	var addr string
	t.Run("inner", func(t *testing.T) {
		addr = address(t, testenv.Redis(t))
		if !listens(addr) {
			t.Fatal("not running")
		}
	})
	if listens(addr) {
		t.Fatal("still running")
	}
}

// TestHang is the victim of the next test; by itself it does nothing.
func TestHang(t *testing.T) {
	if os.Getenv(victimEnv) == "" {
		return
	}
	fmt.Printf("victim %s %s\n", testenv.PostgreSQL(t), testenv.Redis(t))
	time.Sleep(time.Hour)
}

func TestServersAndTheirFoldersEndWithAKilledTestBinary(t *testing.T) {
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHang$")
	victim.Env = append(os.Environ(), victimEnv+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for lines := bufio.NewScanner(out); len(fields) != 3 && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "victim ") {
			fields = strings.Fields(lines.Text())
		}
	}
	if len(fields) != 3 {
		t.Fatal("the victim started no servers:", victim.Wait())
	}
	pg, err := url.Parse(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	folder, redis := pg.Query().Get("host"), address(t, fields[2])
	if _, err := os.Stat(folder); err != nil || !listens(redis) {
		t.Fatal("not running", err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // "signal: killed"
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(folder); os.IsNotExist(err) && !listens(redis) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a server outlived its test binary")
		}
	}
}

func address(t *testing.T, redisURL string) string {
	u, err := url.Parse(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func listens(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
