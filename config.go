package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"greendesk/handlers"
	"greendesk/internal/embeddings"
)

// Settings are shared by all commands. Each can be given as a flag, as a
// variable GREENDESK_NAME, or in one YAML file (--config); the flag wins, then
// the variable. A wrong or unknown one stops the start and is named.
type Settings struct {
	Config   kong.ConfigFlag `help:"配置文件（YAML），键名与参数名相同。" type:"existingfile" placeholder:"FILE"`
	Data     string          `help:"数据目录。" default:"data" type:"path" placeholder:"DIR"`
	Database string          `help:"数据库：空为数据目录里的 SQLite；生产用 postgres://…。" placeholder:"URL"`
	Redis    string          `help:"会话存储：空为进程内；生产用 redis://…。" placeholder:"URL"`

	MeilisearchURL       string `help:"检索服务器 Meilisearch 的网址；空为只用内嵌索引。" name:"meilisearch-url" placeholder:"URL"`
	MeilisearchSearchKey string `help:"Meilisearch 的查询密钥。" name:"meilisearch-search-key" placeholder:"KEY"`
	MeilisearchIndexKey  string `help:"Meilisearch 的写入密钥，与查询密钥分开。" name:"meilisearch-index-key" placeholder:"KEY"`
	MeilisearchPrefix    string `help:"索引名的开头，几个系统共用一台 Meilisearch 时区分。" name:"meilisearch-prefix" default:"greendesk-" placeholder:"TEXT"`

	LogLevel string `help:"日志级别：debug、info、warn、error；空为 serve 用 info，其余用 warn。" enum:",debug,info,warn,error" default:""`
	LogJSON  bool   `help:"日志写成 JSON。" name:"log-json"`

	MeaningSettings `embed:""`
}

// ServeSettings are those of a running desk.
type ServeSettings struct {
	Listen         string   `help:"监听地址。" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	BaseURL        string   `help:"本服务对外的网址，不带末尾斜杠，例如 https://desk.example.gov.cn。" name:"base-url" placeholder:"URL"`
	TrustedProxies []string `help:"可信反向代理的网段，例如 10.0.0.0/8；只信它们给的客户端地址。" placeholder:"CIDR"`
	MetricsListen  string   `help:"监控指标（/metrics）的监听地址，只让监控系统访问；空为不提供。" placeholder:"HOST:PORT"`

	WechatAppID          string `help:"公众号 AppID。" name:"wechat-app-id" placeholder:"ID"`
	WechatSecret         string `help:"公众号 AppSecret。" placeholder:"SECRET"`
	WechatToken          string `help:"回调 Token。" placeholder:"TOKEN"`
	WechatAESKey         string `help:"回调 EncodingAESKey（43 个字符）；空为明文模式，只供试验。" name:"wechat-aes-key" placeholder:"KEY"`
	WechatAESKeyPrevious string `help:"轮换期间的上一个 EncodingAESKey。" name:"wechat-aes-key-previous" placeholder:"KEY"`
	WechatOriginalID     string `help:"公众号原始 ID（gh_…），填了就核对。" name:"wechat-original-id" placeholder:"ID"`
	WechatAPI            string `help:"微信接口的网址。" name:"wechat-api" default:"https://api.weixin.qq.com" placeholder:"URL"`
	WechatOAuth          bool   `help:"公众号有“网页授权”权限（认证服务号）。没有时，“我的咨询”从公众号消息里的链接进入。" name:"wechat-oauth" default:"true" negatable:""`
	WechatTemplate       string `help:"“咨询已答复”模板消息的模板 ID；空为不发模板消息。" placeholder:"ID"`
	WechatTemplateFields string `help:"模板字段填什么：字段=内容，逗号分开；内容有 question、expert、time、state、number。" default:"thing1=question,name2=expert,time3=time,phrase4=state" placeholder:"TEXT"`
	WechatMenu           bool   `help:"启动时把底部菜单写到公众号。" default:"true" negatable:""`
}

// MeaningSettings name the server whose vectors the knowledge base is searched
// by, beside the words. Without an address there is no such search.
type MeaningSettings struct {
	EmbeddingsURL           string        `help:"向量服务的网址（OpenAI 的 /v1/embeddings 格式），例如 http://127.0.0.1:8000/v1；空为不用。" name:"embeddings-url" placeholder:"URL"`
	EmbeddingsModel         string        `help:"向量模型的名称，照向量服务的叫法。" placeholder:"NAME"`
	EmbeddingsKey           string        `help:"向量服务的密钥；不要就空着。" placeholder:"KEY"`
	EmbeddingsQueryPrefix   string        `help:"问题前面加的字，照模型的说明，例如 “query: ”。" placeholder:"TEXT"`
	EmbeddingsPassagePrefix string        `help:"条款前面加的字，照模型的说明，例如 “passage: ”。" placeholder:"TEXT"`
	EmbeddingsWait          time.Duration `help:"一个问题最多等它的向量多久；没等到就只按字词找。" default:"300ms"`
}

// longestWait is how long a question may wait for its vector: WeChat waits five
// seconds for the answer.
const longestWait = 2 * time.Second

// client asks the server that the settings name; nil when they name none.
func (s *MeaningSettings) client() (*embeddings.Client, error) {
	if s.EmbeddingsURL == "" {
		return nil, nil
	}
	return embeddings.New(embeddings.Config{URL: s.EmbeddingsURL, Model: s.EmbeddingsModel, Key: s.EmbeddingsKey,
		QueryPrefix: s.EmbeddingsQueryPrefix, PassagePrefix: s.EmbeddingsPassagePrefix})
}

// check refuses settings that cannot work, naming them.
func (s *MeaningSettings) check() error {
	if s.EmbeddingsURL == "" {
		return nil
	}
	u, err := url.Parse(s.EmbeddingsURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("embeddings-url：要是完整的网址，例如 http://127.0.0.1:8000/v1")
	}
	if s.EmbeddingsModel == "" {
		return fmt.Errorf("embeddings-model：填了 embeddings-url，没有填模型的名称")
	}
	if s.EmbeddingsWait < time.Millisecond || s.EmbeddingsWait > longestWait {
		return fmt.Errorf("embeddings-wait：要在 1ms 到 %v 之间，例如 300ms", longestWait)
	}
	return nil
}

// envPrefix begins the name of every variable that is a setting.
const envPrefix = "GREENDESK_"

// check refuses settings that cannot work, naming them.
func (s *Settings) check() error {
	if s.Database != "" && !strings.HasPrefix(s.Database, "postgres://") && !strings.HasPrefix(s.Database, "postgresql://") && !strings.HasPrefix(s.Database, "sqlite:") {
		return fmt.Errorf("database：要以 postgres:// 或 sqlite: 开头")
	}
	if s.Redis != "" && !strings.HasPrefix(s.Redis, "redis://") && !strings.HasPrefix(s.Redis, "rediss://") {
		return fmt.Errorf("redis：要以 redis:// 或 rediss:// 开头")
	}
	if err := s.MeaningSettings.check(); err != nil {
		return err
	}
	return s.checkMeilisearch()
}

// indexPrefix is what Meilisearch allows in a name, so short that ours fit behind.
var indexPrefix = regexp.MustCompile(`^[A-Za-z0-9_-]{0,100}$`)

func (s *Settings) checkMeilisearch() error {
	if s.MeilisearchURL == "" {
		return nil
	}
	u, err := url.Parse(s.MeilisearchURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("meilisearch-url：要是完整的网址，例如 http://127.0.0.1:7700")
	}
	if (s.MeilisearchSearchKey == "") != (s.MeilisearchIndexKey == "") {
		return fmt.Errorf("meilisearch-search-key、meilisearch-index-key：要么都填，要么都不填（没有设主密钥的服务器）")
	}
	if s.MeilisearchSearchKey != "" && s.MeilisearchSearchKey == s.MeilisearchIndexKey {
		return fmt.Errorf("meilisearch-index-key：要和查询密钥分开，查询密钥只给查询的权限")
	}
	if !indexPrefix.MatchString(s.MeilisearchPrefix) {
		return fmt.Errorf("meilisearch-prefix：只能用字母、数字、- 和 _，最多 100 个")
	}
	return nil
}

// snapshot is where the embedded index is kept between two starts.
func (s *Settings) snapshot() string { return filepath.Join(s.Data, "index.snapshot") }

// uploads is where the bytes of attachments are kept.
func (s *Settings) uploads() string { return filepath.Join(s.Data, "uploads") }

// databaseURL is the database that the settings name.
func (s *Settings) databaseURL() string {
	if s.Database != "" {
		return s.Database
	}
	return "sqlite:" + filepath.Join(s.Data, "greendesk.db")
}

// exists refuses a data folder that holds no database: a command that only
// reads must not make one of a mistyped name.
func (s *Settings) exists() error {
	file, ok := strings.CutPrefix(s.databaseURL(), "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("没有找到数据库 %s：请核对 --data 或 --database；第一次使用，先用 import 导入文件", file)
	}
	return nil // any other trouble is told when it is opened
}

// logger writes structured logs to w.
func (s *Settings) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if s.LogLevel == "" {
		level = slog.LevelWarn // keeps a terminal readable
	} else if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo // the flag's enum admits only levels
	}
	opts := &slog.HandlerOptions{Level: level}
	if s.LogJSON {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// check refuses settings that cannot work, naming them.
func (s *ServeSettings) check() error {
	for name, value := range map[string]string{"base-url": s.BaseURL, "wechat-api": s.WechatAPI} {
		u, err := url.Parse(value)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return fmt.Errorf("%s：要是完整的网址，例如 https://desk.example.gov.cn", name)
		}
	}
	for _, c := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(c); err != nil {
			return fmt.Errorf("trusted-proxies：%q 不是网段，例如 10.0.0.0/8", c)
		}
	}
	if s.MetricsListen != "" {
		if _, _, err := net.SplitHostPort(s.MetricsListen); err != nil {
			return fmt.Errorf("metrics-listen：要是地址和端口，例如 127.0.0.1:9090")
		}
	}
	if _, err := handlers.ParseTemplate(s.WechatTemplate, s.WechatTemplateFields); err != nil {
		return fmt.Errorf("wechat-template-fields：%w", err)
	}
	for name, value := range map[string]string{"wechat-app-id": s.WechatAppID, "wechat-secret": s.WechatSecret, "wechat-token": s.WechatToken} {
		if value == "" {
			return fmt.Errorf("%s：没有填", name)
		}
	}
	for name, value := range map[string]string{"wechat-aes-key": s.WechatAESKey, "wechat-aes-key-previous": s.WechatAESKeyPrevious} {
		if value != "" && !aesKey.MatchString(value) {
			return fmt.Errorf("%s：要是 43 个字母和数字，从公众平台的设置页复制", name)
		}
	}
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	if s.WechatAESKey == "" && s.WechatAESKeyPrevious != "" {
		return fmt.Errorf("wechat-aes-key：填了上一个密钥，没有填现在的")
	}
	return nil
}

// aesKey is the form of an EncodingAESKey.
var aesKey = regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)

// aesKeys are the keys that open a push, the current one first.
func (s *ServeSettings) aesKeys() []string {
	var keys []string
	for _, k := range []string{s.WechatAESKey, s.WechatAESKeyPrevious} {
		if k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// envName is the variable of a flag: base-url is GREENDESK_BASE_URL.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// withEnv gives every flag of the grammar its variable.
func withEnv(app *kong.Kong) {
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			if f.Name != "help" && len(f.Envs) == 0 {
				f.Envs = []string{envName(f.Name)}
				f.Tag.Envs = f.Envs
			}
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(app.Model.Node)
}

// flagNames lists the settings of all commands.
func flagNames(app *kong.Application) map[string]bool {
	names := map[string]bool{}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			names[f.Name] = true
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(app.Node)
	return names
}

// unknownEnv names the first GREENDESK_ variable that is no setting. Those of
// the tests (GREENDESK_TEST_…) are theirs.
func unknownEnv(app *kong.Application, environ []string) error {
	known := map[string]bool{}
	for name := range flagNames(app) {
		known[envName(name)] = true
	}
	sort.Strings(environ)
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, envPrefix+"TEST_") && !known[name] {
			return fmt.Errorf("环境变量 %s 不是本程序的设置，请检查拼写", name)
		}
	}
	return nil
}

// yamlFile resolves flags from one YAML file of plain keys.
type yamlFile struct{ values map[string]any }

// loadYAML is a kong.ConfigurationLoader.
func loadYAML(r io.Reader) (kong.Resolver, error) {
	f := yamlFile{values: map[string]any{}}
	if err := yaml.NewDecoder(r).Decode(&f.values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("配置文件读不懂：%w", err)
	}
	return f, nil
}

// Validate refuses keys that are no setting.
func (f yamlFile) Validate(app *kong.Application) error {
	names := flagNames(app)
	for key := range f.values {
		if !names[key] || key == "config" || key == "help" {
			return fmt.Errorf("配置文件里的 %q 不是本程序的设置，请检查拼写", key)
		}
	}
	return nil
}

// Resolve finds a flag's value. A variable that is set wins over the file.
func (f yamlFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := f.values[flag.Name]
	if !ok {
		return nil, nil
	}
	for _, e := range flag.Envs {
		if _, set := os.LookupEnv(e); set {
			return nil, nil
		}
	}
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = fmt.Sprint(p)
		}
		return strings.Join(parts, ","), nil
	case map[string]any:
		return nil, fmt.Errorf("配置文件里的 %q 要是一个值", flag.Name)
	default:
		return fmt.Sprint(v), nil
	}
}
