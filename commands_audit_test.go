package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"greendesk/desk/staff"
)

// TestCommandsThatChangeAnswersLeaveALine: also those that print what
// enterprises asked. Reading alone leaves none.
func TestCommandsThatChangeAnswersLeaveALine(t *testing.T) {
	dir := t.TempDir()
	lexicon := filepath.Join(dir, "lexicon.tsv")
	must(t, os.WriteFile(lexicon, []byte("危废库\t贮存设施\tcolloq\n"), 0o600))
	text := filepath.Join(dir, "青溪市排水办法.md")
	must(t, os.WriteFile(text, []byte("# 青溪市排水办法\n\n第一条 向河道排放废水的，应当先处理。\n\n第二条 贮存设施应当防渗。\n"), 0o600))
	for _, args := range [][]string{
		{"import", text}, {"lexicon", "add", "黑水", "废水"}, {"lexicon", "remove", "黑水"}, {"lexicon", "import", lexicon}, {"gaps"}, {"settings", "set", "precedence", "stricter"},
		{"lexicon", "export"}, {"settings", "list"}, // the import and these change nothing
	} {
		if err := run(append(args, "--data", dir)); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
	}
	s := &Settings{Data: dir, LogLevel: "error"}
	must(t, withCore(context.Background(), s, func(c *core) error {
		st, err := staff.New(c.db, time.Now, time.Now)
		must(t, err)
		log, err := st.Audit(context.Background(), staff.CommandLine(), staff.AuditFilter{Limit: 20})
		for _, e := range log {
			t.Log(e.Actor, e.Action, e.Object, e.Detail)
		}
		if len(log) != 5 {
			t.Errorf("%d lines", len(log))
		}
		return err
	}))
}
