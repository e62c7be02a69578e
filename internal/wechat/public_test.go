package wechat

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"greendesk/internal/kv"
)

// TestADownloadReachesNothingInside: a canary listens on this machine, and no
// spelling of its address is reached when the API is the platform's own.
func TestADownloadReachesNothingInside(t *testing.T) {
	var reached atomic.Int64
	canary := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = w.Write([]byte("secret"))
	}))
	defer canary.Close()
	at, err := url.Parse(canary.URL)
	if err != nil {
		t.Fatal(err)
	}
	open := func(base string) *Client {
		cache := kv.NewMemory()
		t.Cleanup(cache.Close)
		c, err := NewClient(ClientConfig{AppID: "wx1", Secret: "s", BaseURL: base, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	c := open("")
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::]", "[::1]"} {
		if m, err := c.MediaDownload(t.Context(), "http://"+host+":"+at.Port()+"/"); err == nil {
			t.Errorf("%s: %q", host, m.Data)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the canary was reached %d times", n)
	}
	if m, err := open(canary.URL).MediaDownload(t.Context(), canary.URL); err != nil || string(m.Data) != "secret" {
		t.Errorf("beside a simulator: %q, %v", m.Data, err)
	}
}

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	for address, want := range map[string]bool{"10.1.2.3:80": false, "172.16.0.1:80": false, "192.168.1.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false,
		"[fe80::1%eth0]:80": false, "[fc00::1]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false,
		"[2002:7f00:1::]:80": false, "": false, "101.91.0.1:443": true, "[240e:97c:2f::1]:443": true} {
		if err := public("tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
