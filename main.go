// Command greendesk (绿企服务台) is a service desk of an environment bureau:
// enterprises ask in WeChat and get the clause that answers, or an expert.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"greendesk/internal/apperr"
)

// cli is the grammar of the command line.
type cli struct {
	Settings `embed:""`

	Demo     demoCmd     `cmd:"" help:"试用：自带模拟微信和入门知识，什么都不用配。"`
	Serve    serveCmd    `cmd:"" help:"正式运行。"`
	Import   importCmd   `cmd:"" help:"导入政策法规文件。"`
	Embed    embedCmd    `cmd:"" help:"计算还没有的向量（要先设好 embeddings-url）。"`
	Ask      askCmd      `cmd:"" help:"在命令行提问。"`
	Reindex  reindexCmd  `cmd:"" help:"从数据库重建检索索引。"`
	Migrate  migrateCmd  `cmd:"" help:"升级数据库。"`
	Tune     tuneCmd     `cmd:"" help:"用标注好的问题训练排序和分流。"`
	Eval     evalCmd     `cmd:"" help:"用标注好的问题评测。"`
	Standard standardCmd `cmd:"" help:"管理标准问法：人们怎样问到一条条款。"`
	Lexicon  lexiconCmd  `cmd:"" help:"管理词库：人们说的词，法规里的说法。"`
	Choose   settingsCmd `cmd:"" name:"settings" help:"看和改关于回答的选择。"`
	Gaps     gapsCmd     `cmd:"" help:"导出没答好的问题（转了专家的、点了没用的），供标注。"`
	Admin    adminCmd    `cmd:"" help:"管理工作账号：第一位管理员在这里建。"`
	Audit    auditCmd    `cmd:"" help:"核对、导出、清理审计记录。"`
	Version  versionCmd  `cmd:"" help:"显示版本。"`

	ReadFiles readFilesCmd `cmd:"" hidden:""`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "错误："+explain(err))
		os.Exit(1)
	}
}

// explain is what a person at a terminal should read of an error.
func explain(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		return "已中断。做完的都已保存；重新运行同一条命令，会接着做完。"
	case errors.Is(err, syscall.ENOSPC), strings.Contains(text, "database or disk is full"):
		return "磁盘满了，没能保存。请清出空间（或把 --data 换到别的磁盘），再运行一次；已保存的数据没有受损。\n" + cause(err)
	case strings.Contains(text, "malformed"), strings.Contains(text, "file is not a database"):
		return "数据库文件已损坏，等待不会好。请停下程序，用最近的备份恢复数据库文件，再运行 reindex。\n" + cause(err)
	}
	var known *apperr.Error
	if errors.As(err, &known) && known.Err == nil && err.Error() == known.Error() {
		return known.Message // it says all
	}
	if code := apperr.CodeOf(err); code != apperr.Internal && code != "" {
		return apperr.MessageOf(err) + "\n" + err.Error()
	}
	return err.Error()
}

// cause is the innermost error, without what is said to people about it on the
// way: “please try again later” would contradict what is known here.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func run(args []string) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("greendesk"), kong.Description("绿企服务台：企业在微信里问，几秒内得到法规原文。"), kong.Configuration(loadYAML))
	if err != nil {
		return err
	}
	withEnv(parser)
	if command, ok := asksForHelp(args); ok {
		return help(parser, command)
	}
	if err := unknownEnv(parser.Model, os.Environ()); err != nil {
		return err
	}
	if file, ok := os.LookupEnv(envName("config")); ok && file != "" {
		args = append([]string{"--config=" + file}, args...)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return wrongArguments(err)
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("设置有误：%w", err)
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	ctx.BindTo(stop, (*context.Context)(nil))
	return ctx.Run(&c.Settings)
}

// versionCmd prints what this program was built from.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("version: no build information")
	}
	revision := "未知"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	fmt.Printf("greendesk %s（%s，%s）\n", info.Main.Version, revision, info.GoVersion)
	return nil
}

// migrateCmd brings the database to this program's schema.
type migrateCmd struct{}

// Run implements the command.
func (migrateCmd) Run(ctx context.Context, s *Settings) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	fmt.Println("数据库已是最新。")
	return c.close()
}
