package simulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault names something that goes wrong on purpose.
type Fault string

// Faults of the API. A code fault answers HTTP 200 with that errcode and does nothing.
const (
	FaultTokenExpired  Fault = "api_token_expired" // every token lapses just before the call: 42001
	FaultTokenRevoked  Fault = "api_token_revoked" // the call's token is revoked just before it: 40001
	FaultTokenStorm    Fault = "api_token_storm"   // 40001 although the token is good
	FaultBusy          Fault = "api_-1"
	FaultIPNotAllowed  Fault = "api_40164"
	FaultDailyQuota    Fault = "api_45009"
	FaultMinuteQuota   Fault = "api_45011"
	FaultWindowClosed  Fault = "api_45015" // custom/send only
	FaultQuotaUsed     Fault = "api_45047" // custom/send only
	FaultNotFollowing  Fault = "api_43004" // sending only
	FaultNoConsent     Fault = "api_43101" // subscribe/bizsend only
	FaultBadField      Fault = "api_47003" // template/send and subscribe/bizsend only
	FaultNoPermission  Fault = "api_48001"
	FaultHTTP502       Fault = "api_http_502"
	FaultHang          Fault = "api_hang"      // no answer until the caller gives up (30 s at most); nothing is done
	FaultTruncatedJSON Fault = "api_truncated" // the call is done, its answer is cut in half
)

// Faults of deliveries. The four forgeries go out as a push of their own before the genuine one.
const (
	FaultDuplicate    Fault = "push_duplicate"     // the same push twice at once
	FaultEarlyRetry   Fault = "push_early_retry"   // redelivered while the first is still being processed
	FaultReorder      Fault = "push_reorder"       // held until the person's next push has been answered (3 s at most)
	FaultControlChars Fault = "push_control_chars" // U+0008 and others inside Content
	FaultBadMenuID    Fault = "push_bad_menu_id"   // a bizmsgmenuid that is no number
	FaultOversized    Fault = "push_oversized"     // Content of 300 KiB
	FaultStale        Fault = "push_stale"         // forged: a right signature, ten minutes old
	FaultBadSignature Fault = "push_bad_signature" // forged
	FaultWrongAppID   Fault = "push_wrong_appid"   // forged: sealed for another account; needs Safe or Compat
	FaultDowngrade    Fault = "push_downgrade"     // forged: plaintext with a right plain signature; needs Safe or Compat
)

// Injection is how often a fault strikes.
type Injection struct {
	Count       int     // so many times, then never again; 0 = until cleared
	Probability float64 // of each chance, 0 < p ≤ 1; 0 means 1
	Endpoint    string  // API faults: only paths that contain this; "" = the fault's usual ones
}

// FaultState is a fault as the panel shows it.
type FaultState struct {
	Name        Fault   `json:"name"`
	Group       string  `json:"group"` // 推送 or 接口
	Label       string  `json:"label"`
	Active      bool    `json:"active"`
	Count       int     `json:"count"` // left; 0 with Active = until cleared
	Probability float64 `json:"probability"`
	Hits        int     `json:"hits"` // how often it struck
}

// faultKind is what is fixed about a fault.
type faultKind struct {
	name  Fault
	group string
	label string
	code  int      // API: the errcode it answers
	paths []string // API: where it applies; nil = every call with a token
}

const (
	groupPush = "推送"
	groupAPI  = "接口"
)

// faultKinds lists every fault in the panel's order.
func faultKinds() []faultKind {
	sends := []string{"/message/"}
	all := []string{"/"}
	custom := []string{"/message/custom/send"}
	return []faultKind{
		{FaultDuplicate, groupPush, "同一条并发推送两次", 0, nil},
		{FaultEarlyRetry, groupPush, "未处理完就重推", 0, nil},
		{FaultReorder, groupPush, "乱序：等下一条先到", 0, nil},
		{FaultControlChars, groupPush, "正文含控制字符", 0, nil},
		{FaultBadMenuID, groupPush, "菜单编号不是数字", 0, nil},
		{FaultOversized, groupPush, "超大正文（300 KB）", 0, nil},
		{FaultStale, groupPush, "伪造：过期时间戳", 0, nil},
		{FaultBadSignature, groupPush, "伪造：签名错误", 0, nil},
		{FaultWrongAppID, groupPush, "伪造：AppID 不符", 0, nil},
		{FaultDowngrade, groupPush, "伪造：降级为明文", 0, nil},
		{FaultTokenExpired, groupAPI, "42001 令牌中途过期", 0, nil},
		{FaultTokenRevoked, groupAPI, "40001 令牌被作废", 0, nil},
		{FaultTokenStorm, groupAPI, "40001 风暴（令牌有效也报错）", 40001, nil},
		{FaultBusy, groupAPI, "-1 系统繁忙", -1, all},
		{FaultIPNotAllowed, groupAPI, "40164 IP 不在白名单", 40164, all},
		{FaultDailyQuota, groupAPI, "45009 当日额度用完", 45009, all},
		{FaultMinuteQuota, groupAPI, "45011 调用太频繁", 45011, all},
		{FaultWindowClosed, groupAPI, "45015 超出回复时限", 45015, custom},
		{FaultQuotaUsed, groupAPI, "45047 条数用完", 45047, custom},
		{FaultNotFollowing, groupAPI, "43004 用户未关注", 43004, sends},
		{FaultNoConsent, groupAPI, "43101 用户拒收订阅通知", 43101, []string{"/subscribe/bizsend"}},
		{FaultBadField, groupAPI, "47003 模板字段不合规", 47003, []string{"/template/send", "/subscribe/bizsend"}},
		{FaultNoPermission, groupAPI, "48001 没有接口权限", 48001, nil},
		{FaultHTTP502, groupAPI, "HTTP 502", 0, all},
		{FaultHang, groupAPI, "一直不应答", 0, all},
		{FaultTruncatedJSON, groupAPI, "应答被截断", 0, all},
	}
}

// Faults are the injections in force. Safe for concurrent use.
type Faults struct {
	mu      sync.Mutex
	kinds   []faultKind
	active  map[Fault]*Injection
	hits    map[Fault]int
	chance  func(float64) bool
	changed func(string)
}

func newFaults(chance func(float64) bool, changed func(string)) *Faults {
	return &Faults{kinds: faultKinds(), active: map[Fault]*Injection{}, hits: map[Fault]int{}, chance: chance, changed: changed}
}

// Set puts a fault in force, replacing its earlier injection. It fails on an unknown name or an impossible number.
func (f *Faults) Set(name Fault, in Injection) error {
	if !slices.ContainsFunc(f.kinds, func(k faultKind) bool { return k.name == name }) {
		return fmt.Errorf("simulator: unknown fault %q", name)
	}
	if in.Count < 0 || in.Probability < 0 || in.Probability > 1 {
		return fmt.Errorf("simulator: fault %s: count %d, probability %v", name, in.Count, in.Probability)
	}
	if in.Probability == 0 {
		in.Probability = 1
	}
	f.mu.Lock()
	f.active[name] = &in
	f.mu.Unlock()
	f.changed("")
	return nil
}

// Once makes a fault strike the next n chances. It panics on an unknown name: a mistake in the test.
func (f *Faults) Once(name Fault, n int) {
	if err := f.Set(name, Injection{Count: n}); err != nil {
		panic(err)
	}
}

// Clear ends a fault; with no name, all of them.
func (f *Faults) Clear(names ...Fault) {
	f.mu.Lock()
	if len(names) == 0 {
		clear(f.active)
	}
	for _, n := range names {
		delete(f.active, n)
	}
	f.mu.Unlock()
	f.changed("")
}

// Hits is how often a fault struck since the start.
func (f *Faults) Hits(name Fault) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits[name]
}

// List is every fault with its state, in the panel's order.
func (f *Faults) List() []FaultState {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]FaultState, 0, len(f.kinds))
	for _, k := range f.kinds {
		s := FaultState{Name: k.name, Group: k.group, Label: k.label, Hits: f.hits[k.name], Probability: 1}
		if in := f.active[k.name]; in != nil {
			s.Active, s.Count, s.Probability = true, in.Count, in.Probability
		}
		list = append(list, s)
	}
	return list
}

// strike tells whether a push fault strikes now, and counts it.
func (f *Faults) strike(name Fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.strikeLocked(name)
}

func (f *Faults) strikeLocked(name Fault) bool {
	in := f.active[name]
	if in == nil || (in.Probability < 1 && !f.chance(in.Probability)) {
		return false
	}
	if in.Count > 0 {
		if in.Count--; in.Count == 0 {
			delete(f.active, name)
		}
	}
	f.hits[name]++
	return true
}

// strikeAPI returns the fault that strikes a call to path, if any. withToken is whether the call presents a token.
func (f *Faults) strikeAPI(path string, withToken bool) (faultKind, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.active) == 0 {
		return faultKind{}, false
	}
	for _, k := range f.kinds {
		in := f.active[k.name]
		if k.group != groupAPI || in == nil || !k.applies(path, in.Endpoint, withToken) {
			continue
		}
		if f.strikeLocked(k.name) {
			return k, true
		}
	}
	return faultKind{}, false
}

func (k faultKind) applies(path, endpoint string, withToken bool) bool {
	if endpoint != "" {
		return strings.Contains(path, endpoint)
	}
	if k.paths == nil {
		return withToken
	}
	return slices.ContainsFunc(k.paths, func(part string) bool { return strings.Contains(path, part) })
}

// Limits of the faults that take time, in real time.
const (
	hangLimit       = 30 * time.Second
	reorderLimit    = 3 * time.Second
	earlyRetryAfter = 30 * time.Millisecond
)
