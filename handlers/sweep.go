package handlers

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"greendesk/bot"
	"greendesk/desk"
)

// Sweep answers, until ctx ends, the messages whose process died between
// storing and answering them; their answers leave as deliveries. Deliveries
// whose process died while sending are sent again.
func (x *Exchange) Sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		stale, err := x.desk.ClaimStale(ctx, sweepBatch)
		if err != nil && ctx.Err() == nil {
			x.log.ErrorContext(ctx, "sweep failed", "error", err)
		}
		for _, in := range stale {
			x.rescue(ctx, in)
		}
		if err := x.desk.Unstick(ctx, sweepBatch); err != nil && ctx.Err() == nil {
			x.log.ErrorContext(ctx, "stuck deliveries not queued", "error", err)
		}
	}
}

// rescue answers one message that was left behind.
func (x *Exchange) rescue(ctx context.Context, in desk.Inbound) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	reply, err := x.reply(ctx, in)
	switch {
	case err == nil:
	case in.Attempts >= desk.MaxAttempts:
		reply = bot.Apology()
	default:
		x.log.ErrorContext(ctx, "message not answered yet", "message", in.ID, "attempt", in.Attempts, "error", err)
		return
	}
	x.log.WarnContext(ctx, "message rescued", "message", in.ID, "attempt", in.Attempts)
	x.owe(ctx, in, reply)
}

// recovered turns a panic into an error with its stack.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("handlers: panic: %v\n%s", v, debug.Stack())
	}
}
