package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"greendesk/knowledge"
	"greendesk/knowledge/reader"
)

// importCmd reads policy documents into the knowledge base.
type importCmd struct {
	Paths []string `arg:"" help:"文件或文件夹：.pdf、.docx、.xlsx、.csv、.html、.md、.txt，装了 LibreOffice 还有 .doc、.wps、.xls、.et，以及 .jsonl、.jsonl.gz；- 从标准输入读 JSONL。"`
}

// Run implements the command. It fails when any file could not be read.
func (cmd *importCmd) Run(ctx context.Context, s *Settings) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	bar := progress("导入")
	started := time.Now()
	files := reader.New(reader.Options{Cache: filepath.Join(s.Data, "cache"), Log: c.log})
	rep, err := c.store.Import(ctx, knowledge.ImportOptions{Paths: cmd.Paths, Stdin: os.Stdin, Reader: files, Progress: func(done, total int, path string) {
		bar.ChangeMax(total)
		bar.Describe("导入 " + filepath.Base(path))
		_ = bar.Set(done) // a bar that cannot be drawn is no failure
	}})
	_ = bar.Finish()
	if err := errors.Join(err, files.Close(), c.close()); err != nil {
		fmt.Print(soFar(rep))
		return err
	}
	report(rep, time.Since(started))
	if rep.Files == 0 && rep.Documents == 0 && len(rep.Failed) == 0 {
		return errors.New("没有找到能读的文件，请核对文件或文件夹的名字")
	}
	if n := len(rep.Failed); n > 0 {
		return fmt.Errorf("%d 个文件没有读进来，原因见上", n)
	}
	return nil
}

// soFar says what an import had taken in when it was ended; "" for nothing.
func soFar(rep knowledge.Report) string {
	if rep.Documents == 0 {
		return ""
	}
	return fmt.Sprintf("停下之前已读入文本 %d 份（新增 %d，没有变化 %d），条款 %d 条（新增 %d），都已保存；共有文件 %d 个。\n",
		rep.Documents, rep.NewVersions, rep.Unchanged, rep.Clauses, rep.NewClauses, rep.Files)
}

func report(rep knowledge.Report, took time.Duration) {
	for _, f := range rep.Failed {
		fmt.Printf("没有读进来：%s：%s\n", f.Path, f.Reason)
	}
	for _, d := range rep.Incomplete {
		fmt.Printf("不完整：%s\n", d)
	}
	for _, d := range rep.ToCheck {
		fmt.Printf("待核对：%s\n", d)
	}
	for _, w := range rep.Warnings {
		fmt.Printf("请核对：%s：%s\n", w.Path, w.Reason)
	}
	fmt.Printf("文件 %d 个，文本 %d 份（新增 %d，没有变化 %d），条款 %d 条（新增 %d），用时 %.1f 秒。\n",
		rep.Files, rep.Documents, rep.NewVersions, rep.Unchanged, rep.Clauses, rep.NewClauses, took.Seconds())
}

// readFilesCmd is the process that reads files for import. It is started by the program
// itself and shown nowhere.
type readFilesCmd struct{}

// Run implements the command.
func (readFilesCmd) Run() error { return reader.Serve() }
