package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"greendesk/internal/kv"
)

// How often somebody may try to sign in.
const (
	triesFor        = 15 * time.Minute
	triesPerAccount = 10  // in any 15 minutes
	triesPerAddress = 100 // in a window of 15 minutes: a whole office may share one
)

// tries counts the tries to sign in. It knows nothing of which logins exist.
type tries struct{ store kv.Store }

// take allows a try: then give is not nil, and frees the place of a try that
// was right. A try occupies one of the login's ten places for 15 minutes, so
// any 15 minutes see ten at most, however many processes there are. When the
// store cannot count, err says so and nobody is let in.
func (t tries) take(ctx context.Context, login, ip string) (give func(context.Context) error, err error) {
	n, err := t.store.Incr(ctx, "sign-in-from:"+network(ip), triesFor)
	if err != nil || n > triesPerAddress {
		return nil, err
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(login))))
	for i := range triesPerAccount {
		place := "sign-in:" + hex.EncodeToString(sum[:16]) + ":" + strconv.Itoa(i)
		free, err := t.store.SetNX(ctx, place, []byte{1}, triesFor)
		if err != nil {
			return nil, err
		}
		if free {
			return func(ctx context.Context) error { return t.store.Delete(ctx, place) }, nil
		}
	}
	return nil, nil
}

// network is the part of an address that one subscriber has: of IPv6 the first
// 64 bits.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return ip
	}
	p, err := a.Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}
