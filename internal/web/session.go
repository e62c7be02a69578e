package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"greendesk/internal/kv"
)

// SessionOptions say how long a session lives and what its cookie is.
type SessionOptions struct {
	Cookie   string        // its name; also keeps the sessions of two edges apart in the store
	Path     string        // where the browser sends it
	Secure   bool          // only over https
	Idle     time.Duration // how long it lives without a request
	Lifetime time.Duration // how long it lives at most
	Log      *slog.Logger
}

// NewSessions makes a manager of sessions in the store: see the package comment.
func NewSessions(store kv.Store, o SessionOptions) *scs.SessionManager {
	s := scs.New()
	s.Store = sessionStore{store: store, prefix: "session:" + o.Cookie + ":"}
	s.HashTokenInStore = true
	s.IdleTimeout, s.Lifetime = o.Idle, o.Lifetime
	s.Cookie.Name, s.Cookie.Path, s.Cookie.Secure = o.Cookie, o.Path, o.Secure
	s.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if r.Context().Err() != nil { // the browser has gone; nobody reads an answer
			return
		}
		o.Log.ErrorContext(r.Context(), "session store", "error", err)
		http.Error(w, "系统正忙，请稍等一会儿再试。", http.StatusServiceUnavailable)
	}
	return s
}

// sessionStore keeps sessions in the kv store.
type sessionStore struct {
	store  kv.Store
	prefix string
}

var _ scs.CtxStore = sessionStore{}

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, err := s.store.Get(ctx, s.prefix+token)
	return b, b != nil, err
}

// CommitCtx implements scs.CtxStore.
func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	ttl := time.Until(expiry)
	if ttl <= 0 { // to the store that would mean for ever
		return s.store.Delete(ctx, s.prefix+token)
	}
	return s.store.Set(ctx, s.prefix+token, b, ttl)
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Delete(ctx, s.prefix+token)
}

// Find implements scs.Store, whose methods scs does not call on a CtxStore.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete implements scs.Store.
func (s sessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

const flashKey = "flash"

// SetFlash leaves a sentence for the next page that this session opens.
func SetFlash(ctx context.Context, s *scs.SessionManager, text string) { s.Put(ctx, flashKey, text) }

// TakeFlash is the sentence that was left, "" if none. It is shown once.
func TakeFlash(ctx context.Context, s *scs.SessionManager) string { return s.PopString(ctx, flashKey) }
