// Package wechat is our side of a WeChat 服务号: it opens and answers the platform's calls to us (Callback) and calls
// the platform's API (Client). It knows the protocol and nothing of what is said in it.
//
// A callback's way, with the caller's part at both ends:
//
//	GET  → VerifyURL → echostr as text/plain
//	POST → ReadBody → Open (content type · msg_signature · freshness · decryption · AppID · XML) → Push
//	     → the caller drops what it has seen, by Push.Key, and decides on a Reply within 5 s
//	     → Seal → the answer's body: XML with swapped names, encrypted with the key that opened the push, or "success"
//
// Crypto and signatures are the SDK's (github.com/silenceper/wechat/v2/util), as are the API calls that need no more
// than a token. Its server, its token cache and its sender of 客服 messages are replaced: they accept plaintext in
// safe mode, know neither freshness nor body limits, and return errors that only a text search could classify. Its root
// package is never imported, because that sets the global logger to print decrypted messages.
//
// No error of this package holds a token, a secret, an appid, an openid or a message's text.
package wechat
