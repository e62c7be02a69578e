package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"greendesk/desk/staff"
	"greendesk/internal/testenv"
)

// TestTwoReplicasGiveAnAccountTenTriesTogether: ten thousand guesses at one
// account over two processes that share Redis, each with another
// X-Forwarded-For.
func TestTwoReplicasGiveAnAccountTenTriesTogether(t *testing.T) {
	const guesses, places = 10_000, 10
	k := newCluster(t, 2, options{database: testenv.PostgreSQL(t), redis: testenv.Redis(t)})
	must(t, withStaff(t.Context(), k.settings, func(st *staff.Store) error {
		_, _, err := st.Create(t.Context(), staff.CommandLine(), staff.Person{Login: "li.na", Name: "李娜", Roles: []staff.Role{staff.RoleAdministrator}})
		return err
	}))
	var looked, refused atomic.Int64
	next := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range next {
				switch status := guess(t, k.replicas[i%2].url, i); status {
				case http.StatusBadRequest:
					looked.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Errorf("guess %d: %d", i, status)
				}
			}
		})
	}
	for i := range guesses {
		next <- i
	}
	close(next)
	wg.Wait()
	t.Logf("%d guesses: %d looked at, %d refused", guesses, looked.Load(), refused.Load())
	if looked.Load() != places || refused.Load() != guesses-places {
		t.Errorf("%d looked at, %d refused", looked.Load(), refused.Load())
	}
	if n := k.count(`SELECT count(*) FROM audit WHERE action = 'sign-in-refused'`); n != places {
		t.Errorf("%d lines in the audit log", n)
	}
}

// guess sends the sign-in form and returns the status; 0 when there was no
// answer.
func guess(t *testing.T, base string, i int) int {
	form := url.Values{"login": {"li.na"}, "password": {fmt.Sprint("guess", i)}, "code": {"123456"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/admin/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	return res.StatusCode
}
