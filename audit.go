package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"greendesk/desk/staff"
)

// auditCmd checks, exports and prunes the audit log.
type auditCmd struct {
	Verify auditVerify `cmd:"" help:"核对审计记录：有没有被改过、少过。"`
	Export auditExport `cmd:"" help:"把审计记录写成 CSV，到标准输出或文件。"`
	Prune  auditPrune  `cmd:"" help:"清理过了保存期的审计记录（至少留 180 天）。"`
}

type auditVerify struct {
	Mark string `help:"以前核对时打印的标记：证明那一条还在，末尾没有被截掉。" placeholder:"N:HASH"`
}

// Run implements the command.
func (cmd *auditVerify) Run(ctx context.Context, s *Settings) error {
	return withStaff(ctx, s, func(st *staff.Store) error {
		var known staff.Mark
		if cmd.Mark != "" {
			var err error
			if known, err = staff.ParseMark(cmd.Mark); err != nil {
				return err
			}
		}
		v, err := st.VerifyAudit(ctx, staff.CommandLine(), known)
		if err != nil {
			return err
		}
		if v.Broken != "" {
			return fmt.Errorf("审计记录不完整：%s请保留数据库备份，查明原因", v.Broken)
		}
		fmt.Printf("%d 条，都没有被改过；更早的 %d 条已清理。\n标记（请抄到别处，下次用 --mark 核对）：%s\n", v.Entries, v.Removed, v.Newest)
		return nil
	})
}

type auditExport struct {
	Output string    `help:"写到这个文件；空为标准输出。" type:"path" placeholder:"FILE"`
	From   time.Time `help:"从哪天起，例如 2026-11-01。" format:"2006-01-02" placeholder:"DAY"`
}

// Run implements the command.
func (cmd *auditExport) Run(ctx context.Context, s *Settings) error {
	return withStaff(ctx, s, func(st *staff.Store) error {
		f := staff.AuditFilter{From: cmd.From}
		if cmd.Output == "" {
			return st.ExportAudit(ctx, staff.CommandLine(), f, os.Stdout)
		}
		out, err := os.OpenFile(cmd.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("不能写：%w", err)
		}
		if err := st.ExportAudit(ctx, staff.CommandLine(), f, out); err != nil {
			_ = out.Close() // what went wrong is known
			return err
		}
		return out.Close()
	})
}

type auditPrune struct {
	KeepDays int `help:"留多少天，至少 180。" default:"365" placeholder:"N"`
}

// Run implements the command.
func (cmd *auditPrune) Run(ctx context.Context, s *Settings) error {
	return withStaff(ctx, s, func(st *staff.Store) error {
		n, err := st.PruneAudit(ctx, staff.CommandLine(), time.Duration(cmd.KeepDays)*24*time.Hour)
		if err != nil {
			return err
		}
		fmt.Printf("清理了 %d 条。\n", n)
		return nil
	})
}
