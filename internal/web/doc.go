// Package web is what both edges share, the enterprises' (handlers) and the
// staff's (admin): the server with its headers, log and error mapper, sessions,
// protection against forged requests, and rendering.
//
// # Sessions
//
// NewSessions makes a manager of server-side sessions (alexedwards/scs) whose data
// lie in the kv store, so all replicas share them; the browser holds a random token,
// the store its hash. Each edge has its own, with a cookie name of its own:
//
//	s := web.NewSessions(store, web.SessionOptions{Cookie: "greendesk_my", Path: "/my", Secure: true, Idle: …, Lifetime: …, Log: log})
//	handler := s.LoadAndSave(web.Protect(e))       // in this order; e is an *echo.Echo
//
//	ctx := c.Request().Context()
//	s.RenewToken(ctx)                               // whenever somebody signs in: no fixation
//	s.Put(ctx, "openid", openid); s.GetString(ctx, "openid"); s.Destroy(ctx)
//	web.SetFlash(ctx, s, "已保存。"); web.TakeFlash(ctx, s)
//
// Put strings, numbers, booleans and byte slices only. The store may lose a session
// at any time (Redis flushed): then a person signs in again.
//
// # Forged requests
//
// Protect refuses what a page of another origin makes a browser send
// (net/http.CrossOriginProtection); forms need no token. It relies on GET changing
// nothing. Session cookies are SameSite=Lax besides.
package web
