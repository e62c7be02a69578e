package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// asksForHelp reports whether nothing but help is wanted: no words at all, or
// help with the words of a command, which are returned.
func asksForHelp(args []string) (command []string, ok bool) {
	switch {
	case len(args) == 0:
		return nil, true
	case args[0] == "help" || args[0] == "帮助":
		return args[1:], true
	}
	return nil, false
}

// help writes the commands, or what one command takes.
func help(parser *kong.Kong, command []string) error {
	if len(command) == 0 {
		_, err := io.WriteString(parser.Stdout, usage(parser.Model.Node))
		return err
	}
	_, err := parser.Parse(append(command, "--help")) // prints and ends the program
	return wrongArguments(err)
}

// wrongArguments says what is wrong with a command line, and, where a command is
// wanted, which there are.
func wrongArguments(err error) error {
	if err == nil {
		return nil
	}
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && strings.HasPrefix(err.Error(), "expected one of") {
		node := wrong.Context.Selected()
		if node == nil {
			node = wrong.Context.Model.Node
		}
		return fmt.Errorf("缺少命令。\n%s", usage(node))
	}
	return fmt.Errorf("参数有误：%w（greendesk help 列出全部命令，命令后加 --help 看它的用法）", err)
}

// usage lists the commands under a node in Chinese.
func usage(node *kong.Node) string {
	var b strings.Builder
	if node.Parent == nil {
		b.WriteString(node.Help + "\n\n")
	}
	fmt.Fprintf(&b, "用法：%s 命令 [参数]\n\n命令：\n", node.FullPath())
	for _, c := range node.Children {
		if !c.Hidden {
			fmt.Fprintf(&b, "  %-10s%s\n", c.Name, c.Help)
		}
	}
	fmt.Fprintf(&b, "\n一条命令的用法：%s 命令 --help\n", node.FullPath())
	if node.Parent == nil {
		b.WriteString("全部设置：greendesk --help\n第一次用：greendesk demo，打开它给出的网址就能试。\n")
	}
	return b.String()
}
