package wechat

import (
	"testing"

	"github.com/silenceper/wechat/v2/util"
)

// BenchmarkSafeMode compares a push opened and answered in safe mode with what the SDK needs for its decryption and
// encryption alone, and with the signatures that any server must check and make: what is left is our checks and XML.
func BenchmarkSafeMode(b *testing.B) {
	message := textPush("我们是一家做包装印刷的小微企业，危废间要不要单独设？怎么申报？", "6054768590064713728")
	answer := "依据《固体废物污染环境防治法》第七十八条，产生危险废物的单位应当制定管理计划并申报。"
	b.Run("SDK decrypt and encrypt only", func(b *testing.B) {
		secret := encryptAs(keyNew, testAppID, message)
		reply := seal(b, TextReply(answer))
		random := []byte("0123456789abcdef")
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := util.DecryptMsg(testAppID, secret, keyNew); err != nil {
				b.Fatal(err)
			}
			if _, err := util.EncryptMsg(random, reply, testAppID, keyNew); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("SDK with its two signatures", func(b *testing.B) {
		secret := encryptAs(keyNew, testAppID, message)
		reply := seal(b, TextReply(answer))
		random := []byte("0123456789abcdef")
		b.ReportAllocs()
		for b.Loop() {
			_ = util.Signature(testToken, "1795426200", "1320562132", secret)
			if _, _, err := util.DecryptMsg(testAppID, secret, keyNew); err != nil {
				b.Fatal(err)
			}
			out, err := util.EncryptMsg(random, reply, testAppID, keyNew)
			if err != nil {
				b.Fatal(err)
			}
			_ = util.Signature(testToken, "1795426200", "1320562132", string(out))
		}
	})
	b.Run("Open and Seal", func(b *testing.B) {
		c := newTestCallback(b, keyNew)
		q, body := safePush(keyNew, testAppID, message, testNow)
		b.ReportAllocs()
		for b.Loop() {
			p, err := c.Open(q, "text/xml", body)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := c.Seal(p, TextReply(answer)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
