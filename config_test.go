package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withoutSettings keeps the variables of whoever runs the tests out of them.
func withoutSettings(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, envPrefix+"TEST_") {
			t.Setenv(name, "")
			must(t, os.Unsetenv(name))
		}
	}
}

func TestAWrongOrUnknownSettingStopsTheStartAndIsNamed(t *testing.T) {
	serve := []string{"serve", "--base-url=https://desk.example.cn", "--wechat-app-id=wx1", "--wechat-secret=s", "--wechat-token=t"}
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		file string
		want string
	}{
		"unknown flag":                   {args: []string{"version", "--colour=red"}, want: "--colour"},
		"unknown variable":               {args: []string{"version"}, env: map[string]string{"GREENDESK_COLOUR": "red"}, want: "GREENDESK_COLOUR"},
		"unknown key":                    {args: []string{"version"}, file: "colour: red\n", want: "colour"},
		"file that is not YAML":          {args: []string{"version"}, file: "a: [", want: "配置文件"},
		"database of another kind":       {args: []string{"migrate", "--database=mysql://x"}, want: "database"},
		"redis of another kind":          {args: []string{"migrate", "--redis=localhost:6379"}, want: "redis"},
		"embeddings address":             {args: []string{"migrate", "--embeddings-url=localhost:8000", "--embeddings-model=m"}, want: "embeddings-url"},
		"embeddings without model":       {args: []string{"migrate", "--embeddings-url=http://localhost:8000/v1"}, want: "embeddings-model"},
		"no wait for a vector":           {args: []string{"migrate", "--embeddings-url=http://localhost:8000/v1", "--embeddings-model=m", "--embeddings-wait=0s"}, want: "embeddings-wait"},
		"log level":                      {args: []string{"migrate", "--log-level=loud"}, want: "log-level"},
		"no base url":                    {args: []string{"serve", "--wechat-app-id=wx1", "--wechat-secret=s", "--wechat-token=t"}, want: "base-url"},
		"base url without a scheme":      {args: append(serve, "--base-url=desk.example.cn"), want: "base-url"},
		"no app id":                      {args: append(serve, "--wechat-app-id="), want: "wechat-app-id"},
		"proxy that is no network":       {args: append(serve, "--trusted-proxies=proxy"), want: "trusted-proxies"},
		"key that is no key":             {args: append(serve, "--wechat-aes-key=short"), want: "wechat-aes-key"},
		"previous key without one":       {args: append(serve, "--wechat-aes-key-previous="+strings.Repeat("k", 43)), want: "wechat-aes-key"},
		"search server without a scheme": {args: []string{"migrate", "--meilisearch-url=localhost:7700"}, want: "meilisearch-url"},
		"one key of two":                 {args: []string{"migrate", "--meilisearch-url=http://localhost:7700", "--meilisearch-search-key=a"}, want: "meilisearch-index-key"},
		"one key for both":               {args: []string{"migrate", "--meilisearch-url=http://localhost:7700", "--meilisearch-search-key=a", "--meilisearch-index-key=a"}, want: "meilisearch-index-key"},
		"prefix that is no name":         {args: []string{"migrate", "--meilisearch-url=http://localhost:7700", "--meilisearch-prefix=绿"}, want: "meilisearch-prefix"},
		"metrics at no address":          {args: append(serve, "--metrics-listen=everywhere"), want: "metrics-listen"},
		"variable with a bad value":      {args: []string{"migrate"}, env: map[string]string{"GREENDESK_DATABASE": "mysql://x"}, want: "database"},
	} {
		t.Run(name, func(t *testing.T) {
			withoutSettings(t)
			args := append([]string{"--data=" + t.TempDir()}, c.args...)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if c.file != "" {
				file := filepath.Join(t.TempDir(), "greendesk.yaml")
				must(t, os.WriteFile(file, []byte(c.file), 0o600))
				args = append([]string{"--config=" + file}, args...)
			}
			err := run(args)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not name %s", err, c.want)
			}
		})
	}
}

func TestAFlagWinsOverAVariableAndAVariableOverTheFile(t *testing.T) {
	withoutSettings(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "greendesk.yaml")
	must(t, os.WriteFile(file, []byte("data: "+filepath.Join(dir, "of-file")+"\nlog-level: error\n"), 0o600))
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name, "greendesk.db"))
		return err == nil
	}
	t.Setenv("GREENDESK_CONFIG", file)
	must(t, run([]string{"migrate"}))
	if !exists("of-file") {
		t.Error("the file's folder is not used")
	}
	t.Setenv("GREENDESK_DATA", filepath.Join(dir, "of-variable"))
	must(t, run([]string{"migrate"}))
	if !exists("of-variable") {
		t.Error("the variable's folder is not used")
	}
	must(t, run([]string{"migrate", "--data=" + filepath.Join(dir, "of-flag")}))
	if !exists("of-flag") {
		t.Error("the flag's folder is not used")
	}
}
