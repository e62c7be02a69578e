package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"greendesk/desk/staff"
	"greendesk/internal/db"
	"greendesk/knowledge"
)

// standardCmd curates the standard questions: how people ask for a clause.
type standardCmd struct {
	List    standardList   `cmd:"" help:"列出问法，被提出次数多的在前。"`
	Propose standardAdd    `cmd:"" help:"为一条条款提出问法，等人采纳。"`
	Accept  standardAccept `cmd:"" help:"采纳：写编号；或用 --doc 和 --ref 指明条款，直接写问法。"`
	Reject  standardReject `cmd:"" help:"不要：写法同 accept；程序自带的问法也这样去掉。"`
	Import  standardImport `cmd:"" help:"从文件读入并采纳。每行三列，制表符隔开：文件名、条款、问法（几种问法用 | 隔开）。"`
	Export  standardExport `cmd:"" help:"把采纳的问法写到标准输出，格式同 import。"`
}

// curator is who changes what the desk knows.
type curator struct {
	By string `help:"谁做的，记录在案。空为系统用户名。" placeholder:"NAME"`
}

func (c curator) name() string {
	if c.By != "" {
		return c.By
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "curator"
}

// withRecord is withCore for a command that changes answers or prints what
// enterprises wrote: that it was given stands in the audit log before it is done.
func withRecord(ctx context.Context, s *Settings, action, object, detail string, fn func(*core) error) error {
	return withCore(ctx, s, func(c *core) error {
		err := c.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return staff.Record(ctx, tx, staff.Entry{At: c.now(), Actor: staff.CommandLine().Account, Action: action, Object: object, Detail: detail})
		})
		if err != nil {
			return err
		}
		return fn(c)
	})
}

// withCore opens the knowledge base for a command that asks no questions.
func withCore(ctx context.Context, s *Settings, fn func(*core) error) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	return errors.Join(fn(c), c.db.Close())
}

type standardList struct {
	State string `help:"只列：proposed（待定）、accepted（已采纳）、rejected（不要的）；空为待定。all 为全部。" enum:"proposed,accepted,rejected,all" default:"proposed"`
}

// Run implements the command.
func (cmd *standardList) Run(ctx context.Context, s *Settings) error {
	state := knowledge.QuestionState(cmd.State)
	if cmd.State == "all" {
		state = ""
	}
	return withCore(ctx, s, func(c *core) error {
		qs, err := c.store.Questions(ctx, state)
		if err != nil {
			return err
		}
		if len(qs) == 0 {
			fmt.Println("没有。")
		}
		for _, q := range qs {
			fmt.Printf("%s  %s  %s\n    %s %s\n    %s\n", q.ID, stateNames[q.State], q.Question, q.Document, q.Ref, history(q))
		}
		return nil
	})
}

var stateNames = map[knowledge.QuestionState]string{knowledge.Proposed: "待定", knowledge.Accepted: "已采纳", knowledge.Rejected: "不要"}

// history says where a question comes from and who decided, in one line.
func history(q knowledge.StandardQuestion) string {
	from := map[knowledge.QuestionOrigin]string{knowledge.FromCurator: "知识管理员", knowledge.FromUseful: "企业点了有用", knowledge.FromExpert: "专家答复"}[q.Origin]
	if q.Origin != knowledge.FromUseful {
		from += " " + q.By
	}
	line := fmt.Sprintf("来自%s，%s，提出 %d 次", from, q.At.Format(time.DateOnly), q.Times)
	if !q.DecidedAt.IsZero() {
		line += fmt.Sprintf("；%s %s 定", q.DecidedBy, q.DecidedAt.Format(time.DateOnly))
	}
	return line
}

type standardAdd struct {
	curator
	Doc       string   `help:"文件的标题或文号。" required:""`
	Ref       string   `help:"条款，例如 第三十三条。" required:""`
	Questions []string `arg:"" help:"问法。"`
}

// Run implements the command.
func (cmd *standardAdd) Run(ctx context.Context, s *Settings) error {
	return withRecord(ctx, s, "propose", "question:"+cmd.Doc+cmd.Ref, cmd.name(), func(c *core) error {
		for _, q := range cmd.Questions {
			if err := c.store.Propose(ctx, knowledge.Place{Document: cmd.Doc, Ref: cmd.Ref}, q, knowledge.FromCurator, cmd.name()); err != nil {
				return err
			}
		}
		fmt.Printf("已提出 %d 条。\n", len(cmd.Questions))
		return nil
	})
}

type standardSettle struct {
	curator
	Doc  string   `help:"文件的标题或文号。"`
	Ref  string   `help:"条款，例如 第三十三条。"`
	Args []string `arg:"" help:"编号，或问法。"`
}

// settle accepts or rejects what the arguments name.
func (cmd *standardSettle) settle(ctx context.Context, s *Settings, state knowledge.QuestionState) error {
	if (cmd.Doc == "") != (cmd.Ref == "") {
		return errors.New("--doc 和 --ref 要一起写")
	}
	return withRecord(ctx, s, map[knowledge.QuestionState]string{knowledge.Accepted: "accept-proposal", knowledge.Rejected: "reject-proposal"}[state], "question:"+cmp.Or(cmd.Doc+cmd.Ref, strings.Join(cmd.Args, " ")), cmd.name(), func(c *core) error {
		var err error
		if cmd.Doc == "" {
			err = c.store.Decide(ctx, cmd.Args, state, cmd.name())
		} else {
			var qs []knowledge.NewQuestion
			for _, q := range cmd.Args {
				qs = append(qs, knowledge.NewQuestion{Place: knowledge.Place{Document: cmd.Doc, Ref: cmd.Ref}, Question: q})
			}
			err = c.store.Settle(ctx, qs, state, cmd.name())
		}
		if err == nil {
			fmt.Printf("%s %d 条，几秒后生效。\n", stateNames[state], len(cmd.Args))
		}
		return err
	})
}

type standardAccept struct{ standardSettle }

// Run implements the command.
func (cmd *standardAccept) Run(ctx context.Context, s *Settings) error {
	return cmd.settle(ctx, s, knowledge.Accepted)
}

type standardReject struct{ standardSettle }

// Run implements the command.
func (cmd *standardReject) Run(ctx context.Context, s *Settings) error {
	return cmd.settle(ctx, s, knowledge.Rejected)
}

type standardImport struct {
	curator
	File string `arg:"" help:"文件；- 为标准输入。"`
}

// Run implements the command.
func (cmd *standardImport) Run(ctx context.Context, s *Settings) error {
	data, err := readAll(cmd.File)
	if err != nil {
		return err
	}
	qs, err := knowledge.ParseQuestions(data)
	if err != nil {
		return err
	}
	return withRecord(ctx, s, "import", "questions:"+cmd.File, cmd.name(), func(c *core) error {
		if err := c.store.Settle(ctx, qs, knowledge.Accepted, cmd.name()); err != nil {
			return err
		}
		fmt.Printf("已采纳 %d 条，几秒后生效。\n", len(qs))
		return nil
	})
}

// readAll reads a file whole, or standard input for -.
func readAll(name string) (string, error) {
	read := func() ([]byte, error) { return os.ReadFile(name) } // #nosec G304 -- the file that the user names
	if name == "-" {
		read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	}
	data, err := read()
	if err != nil {
		return "", fmt.Errorf("打不开 %s：%w", name, err)
	}
	return string(data), nil
}

type standardExport struct{}

// Run implements the command.
func (standardExport) Run(ctx context.Context, s *Settings) error {
	return withCore(ctx, s, func(c *core) error {
		qs, err := c.store.Questions(ctx, knowledge.Accepted)
		if err != nil {
			return err
		}
		lines := map[string][]string{}
		var order []string
		for _, q := range qs {
			at := q.Document + "\t" + q.Ref
			if lines[at] == nil {
				order = append(order, at)
			}
			lines[at] = append(lines[at], q.Question)
		}
		for _, at := range order {
			fmt.Println(at + "\t" + strings.Join(lines[at], "|"))
		}
		return nil
	})
}
