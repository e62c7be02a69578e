package wechat

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// fileTransport reaches only public addresses, so that nobody can have us fetch
// from the bureau's own network; trusted, it reaches any. It takes no proxy,
// which would be dialled in the address's place.
func fileTransport(timeout time.Duration, trusted bool) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout}
	if !trusted {
		dialer.Control = public
	}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTimeout, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second}
}

// public refuses to dial what is not a public address. It sees the address after
// names, decimal forms and the like were resolved.
func public(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("no address to dial: %w", err)
	}
	ip := at.Addr().Unmap().WithZone("")
	inside := !ip.IsGlobalUnicast() || ip.IsPrivate()
	for _, net := range reserved() {
		inside = inside || net.Contains(ip)
	}
	if inside {
		return fmt.Errorf("%s is no public address", ip)
	}
	return nil
}

// reserved are networks that are unicast and not the internet: this network,
// carriers' own, protocol assignments, benchmarks, the future, and those that carry an IPv4
// address inside (NAT64, 6to4, Teredo, compatible).
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// loopback reports whether the API is on this machine: then it is a simulator,
// whose files are here as well.
func loopback(api *url.URL) bool {
	ip, err := netip.ParseAddr(api.Hostname())
	return api.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
