package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// parserForSamples is the command line's parser without the machine's own
// variables getting in the way.
func parserForSamples(t *testing.T, c *cli) *kong.Kong {
	t.Helper()
	p, err := kong.New(c, kong.Name("greendesk"), kong.Configuration(loadYAML), kong.Exit(func(int) { t.Fatal("parser exits") }))
	must(t, err)
	withEnv(p)
	return p
}

func TestTheSampleConfigurationIsAccepted(t *testing.T) {
	var c cli
	_, err := parserForSamples(t, &c).Parse([]string{"serve", "--config=deploy/greendesk.example.yaml"})
	must(t, err)
	must(t, c.check())
	must(t, c.Serve.check())
	if c.Serve.BaseURL != "https://desk.example.gov.cn" || len(c.Serve.TrustedProxies) != 2 || !c.LogJSON {
		t.Errorf("the sample was not read: %+v", c.Serve)
	}
}

func TestTheComposeFileSetsKnownVariables(t *testing.T) {
	text, err := os.ReadFile("deploy/compose.yaml")
	must(t, err)
	var compose struct {
		Services map[string]struct {
			Environment map[string]string
		}
	}
	must(t, yaml.Unmarshal(text, &compose))
	var environ []string
	for name := range compose.Services["greendesk"].Environment {
		environ = append(environ, name+"=x")
	}
	if len(environ) < 5 {
		t.Fatalf("only %d variables", len(environ))
	}
	must(t, unknownEnv(parserForSamples(t, &cli{}).Model, environ))
}

func TestTheSamplesNameKnownVariables(t *testing.T) {
	p := parserForSamples(t, &cli{})
	for _, file := range []string{"deploy/README.md", "deploy/Dockerfile", "deploy/greendesk.service", "deploy/greendesk.example.yaml"} {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }) {
			if strings.HasPrefix(word, envPrefix) && word != envPrefix && word != envPrefix+"NAME" {
				if err := unknownEnv(p.Model, []string{word + "=x"}); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
}
