package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"greendesk/bot"
	"greendesk/internal/wechat"
)

// serveCmd runs the desk.
type serveCmd struct {
	ServeSettings `embed:""`
}

// Run implements the command.
func (cmd *serveCmd) Run(ctx context.Context, s *Settings) error {
	if err := cmd.check(); err != nil {
		return fmt.Errorf("设置有误：%w", err)
	}
	if s.LogLevel == "" {
		s.LogLevel = "info"
	}
	log := s.logger(os.Stderr)
	c, err := openCore(ctx, s, log, time.Now)
	if err != nil {
		return err
	}
	sv, err := newService(c, s, &cmd.ServeSettings)
	if err != nil {
		return errors.Join(err, c.close())
	}
	if err := sv.Start(ctx); err != nil {
		return errors.Join(err, sv.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cmd.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("设置有误：listen：%w", err), sv.Close())
	}
	if err := serveMetrics(ctx, cmd.MetricsListen, c.engine, sv.desk); err != nil {
		return errors.Join(err, l.Close(), sv.Close())
	}
	if cmd.WechatMenu {
		go sv.writeMenu(ctx)
	}
	log.InfoContext(ctx, "serving", "listen", l.Addr().String(), "clauses", c.engine.Clauses())
	return errors.Join(serve(ctx, l, sv.handler), sv.Close())
}

// writeMenu puts the bottom menu on the account. An account without the right
// to a menu works without it.
func (s *service) writeMenu(ctx context.Context) {
	menu := wechat.Menu{Buttons: []wechat.Button{
		{Type: "click", Name: "怎么问", Key: bot.MenuAsk},
		{Type: "click", Name: "转专家", Key: bot.MenuExpert},
		{Name: "我的", Sub: []wechat.Button{{Type: "click", Name: "我的咨询", Key: bot.MenuMine},
			{Type: "click", Name: "我的资料", Key: bot.MenuMe}, {Type: "click", Name: "能做什么", Key: bot.MenuHelp}}},
	}}
	if err := s.client.CreateMenu(ctx, menu); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "account menu not written", "error", err)
	}
}
