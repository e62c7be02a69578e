package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// embedCmd computes the vectors that are missing. A running desk does so by
// itself; this is for a knowledge base that is made ready beforehand.
type embedCmd struct{}

// Run implements the command. What is done is kept when it fails or is ended.
func (cmd *embedCmd) Run(ctx context.Context, s *Settings) error {
	if s.EmbeddingsURL == "" {
		return errors.New("设置有误：embeddings-url：没有填，不知道向哪里要向量")
	}
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	return errors.Join(cmd.embed(ctx, c, s), c.close())
}

func (cmd *embedCmd) embed(ctx context.Context, c *core, s *Settings) error {
	if err := c.ready(ctx, s); err != nil {
		return err
	}
	missing, started := c.engine.MeaningStats().Missing, time.Now()
	bar := progressbar.NewOptions(missing, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("计算向量"), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond))
	err := c.engine.Embed(ctx, func(done, _ int) {
		_ = bar.Set(done) // a bar that cannot be drawn is no failure
	})
	_ = bar.Finish()
	stats := c.engine.MeaningStats()
	if err != nil {
		return fmt.Errorf("向量没有算完，还差 %d 个；算好的都留着，再运行一次就接着算：%w", stats.Missing, err)
	}
	fmt.Printf("向量 %d 个（新算 %d），用时 %.1f 秒。\n", stats.Vectors, missing-stats.Refused, time.Since(started).Seconds())
	if stats.Refused > 0 {
		fmt.Printf("请核对：向量服务不收 %d 段文字，它们只能按字词找到。\n", stats.Refused)
	}
	return nil
}
