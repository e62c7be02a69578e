package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// reindexCmd makes the search indexes anew from the database.
type reindexCmd struct{}

// Run implements the command.
func (reindexCmd) Run(ctx context.Context, s *Settings) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	bar := progress("重建索引")
	started := time.Now()
	err = c.engine.Reindex(ctx, s.snapshot(), func(done, total int64) {
		bar.ChangeMax64(total)
		_ = bar.Set64(done) // a bar that cannot be drawn is no failure
	})
	_ = bar.Finish()
	if err := errors.Join(err, c.close()); err != nil {
		return err
	}
	where := "内嵌索引"
	if s.MeilisearchURL != "" {
		where = "内嵌索引和检索服务器"
	}
	fmt.Printf("%s已从数据库重建：条款 %d 条，用时 %.1f 秒。\n", where, c.engine.Clauses(), time.Since(started).Seconds())
	return nil
}
