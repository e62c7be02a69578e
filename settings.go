package main

import (
	"context"
	"fmt"
)

// settingsCmd shows and changes what curators choose about answers.
type settingsCmd struct {
	List settingsList `cmd:"" default:"1" help:"列出可以选的，和现在选的。"`
	Set  settingsSet  `cmd:"" help:"改一项，几秒后生效。"`
}

type settingsList struct{}

// Run implements the command.
func (settingsList) Run(ctx context.Context, s *Settings) error {
	return withCore(ctx, s, func(c *core) error {
		all, err := c.store.Settings(ctx)
		for _, x := range all {
			fmt.Printf("%s = %s\n    %s\n", x.Name, x.Value, x.Means)
		}
		return err
	})
}

type settingsSet struct {
	Name  string `arg:"" help:"名称。"`
	Value string `arg:"" help:"值。"`
}

// Run implements the command.
func (cmd *settingsSet) Run(ctx context.Context, s *Settings) error {
	return withRecord(ctx, s, "set", "setting:"+cmd.Name, cmd.Value, func(c *core) error {
		if err := c.store.Set(ctx, cmd.Name, cmd.Value); err != nil {
			return err
		}
		fmt.Println("已改，几秒后生效。")
		return nil
	})
}
