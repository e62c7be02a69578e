package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greendesk/knowledge"
	"greendesk/knowledge/lang"
)

// lexiconCmd curates the lexicon: everyday words and the law's words for them.
type lexiconCmd struct {
	List   lexiconList   `cmd:"" help:"列出改过的词条；写一个词，就列出现在生效的、含有它的词条。"`
	Add    lexiconAdd    `cmd:"" help:"加一个词条，或改写程序自带的。"`
	Remove lexiconRemove `cmd:"" help:"删去改过的词条；没有改过的，就停用程序自带的。"`
	Import lexiconImport `cmd:"" help:"从文件读入。每行三列，制表符隔开：词、法规用语（几个用 | 隔开）、类别；类别 off 为停用。"`
	Export lexiconExport `cmd:"" help:"把改过的词条写到标准输出，格式同 import。"`
}

type lexiconList struct {
	Word string `arg:"" optional:"" help:"要查的词。"`
}

// Run implements the command.
func (cmd *lexiconList) Run(ctx context.Context, s *Settings) error {
	return withCore(ctx, s, func(c *core) error {
		if cmd.Word != "" {
			words, err := c.engine.Terms(ctx, cmd.Word)
			for _, w := range words {
				fmt.Printf("%s\t%s\t%s\n", w.Term, strings.Join(w.Means, "|"), w.Kind)
			}
			return err
		}
		terms, err := c.store.ChangedTerms(ctx)
		if len(terms) == 0 && err == nil {
			fmt.Println("没有改过的词条。")
		}
		for _, t := range terms {
			fmt.Printf("%s\t%s %s\n", t.Line(), t.By, t.At.Format(time.DateOnly))
		}
		return err
	})
}

type lexiconAdd struct {
	curator
	Kind string   `help:"类别，例如 colloq（俗称）、abbr（简称）、law（法名）、stop（客套话）；写错时会列出全部。" default:"colloq"`
	Term string   `arg:"" help:"人们说的词。"`
	Mean []string `arg:"" optional:"" help:"法规用语，最多四个，要是条款里的原话。"`
}

// Run implements the command.
func (cmd *lexiconAdd) Run(ctx context.Context, s *Settings) error {
	return withRecord(ctx, s, "set", "term:"+cmd.Term, cmd.name(), func(c *core) error {
		change := lang.Change{Term: cmd.Term, Means: cmd.Mean, Kind: cmd.Kind}
		terms := []knowledge.NewTerm{{Change: change}}
		if err := c.engine.SetTerms(ctx, terms, cmd.name()); err != nil {
			return err
		}
		fmt.Println("已记下，几秒后生效。")
		return showDoubts(ctx, c, terms)
	})
}

type lexiconRemove struct {
	curator
	Term string `arg:"" help:"词。"`
}

// Run implements the command.
func (cmd *lexiconRemove) Run(ctx context.Context, s *Settings) error {
	return withRecord(ctx, s, "remove", "term:"+cmd.Term, cmd.name(), func(c *core) error {
		done, err := c.engine.RemoveTerm(ctx, cmd.Term, cmd.name())
		if err == nil {
			fmt.Println(done)
		}
		return err
	})
}

type lexiconImport struct {
	curator
	File string `arg:"" help:"文件；- 为标准输入。"`
}

// Run implements the command.
func (cmd *lexiconImport) Run(ctx context.Context, s *Settings) error {
	data, err := readAll(cmd.File)
	if err != nil {
		return err
	}
	terms, err := knowledge.ParseTerms(data)
	if err != nil {
		return err
	}
	return withRecord(ctx, s, "import", "terms:"+cmd.File, cmd.name(), func(c *core) error {
		if err := c.engine.SetTerms(ctx, terms, cmd.name()); err != nil {
			return err
		}
		fmt.Printf("已记下 %d 条，几秒后生效。\n", len(terms))
		return showDoubts(ctx, c, terms)
	})
}

// showDoubts names entries that are taken and likely not meant.
func showDoubts(ctx context.Context, c *core, terms []knowledge.NewTerm) error {
	doubts, err := c.engine.Doubts(ctx, terms)
	for _, d := range doubts {
		fmt.Println("请核对：" + d)
	}
	return err
}

type lexiconExport struct{}

// Run implements the command.
func (lexiconExport) Run(ctx context.Context, s *Settings) error {
	return withCore(ctx, s, func(c *core) error {
		terms, err := c.store.ChangedTerms(ctx)
		for _, t := range terms {
			fmt.Println(t.Line())
		}
		return err
	})
}
