package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
	"rsc.io/qr"

	"greendesk/desk/staff"
)

// adminCmd makes accounts of staff at the server: the first administrator, and
// whoever locked themselves out.
type adminCmd struct {
	Create adminCreate `cmd:"" help:"新建工作账号，例如第一位管理员。密码在终端输入，或从标准输入读一行。"`
	Reset  adminReset  `cmd:"" help:"重置工作账号的密码和动态码，例如管理员丢了手机。"`
}

type adminCreate struct {
	Login string   `help:"账号：小写字母和数字。" required:"" placeholder:"NAME"`
	Name  string   `help:"姓名；空为同账号。" placeholder:"TEXT"`
	Role  []string `help:"角色：expert、lead、curator、administrator、auditor、enforcement，可以几个。" required:"" enum:"expert,lead,curator,administrator,auditor,enforcement" placeholder:"ROLE"`
}

// Run implements the command.
func (cmd *adminCreate) Run(ctx context.Context, s *Settings) error {
	return withStaff(ctx, s, func(st *staff.Store) error {
		p := staff.Person{Login: cmd.Login, Name: cmd.Name}
		if p.Name == "" {
			p.Name = cmd.Login
		}
		for _, r := range cmd.Role {
			p.Roles = append(p.Roles, staff.Role(r))
		}
		password, err := askPassword(os.Stdin, os.Stderr, cmd.Login)
		if err != nil {
			return err
		}
		a, temporary, err := st.Create(ctx, staff.CommandLine(), p)
		if err != nil {
			return err
		}
		return equip(ctx, os.Stdout, st, a, temporary, password)
	})
}

type adminReset struct {
	Login string `help:"账号。" required:"" placeholder:"NAME"`
}

// Run implements the command.
func (cmd *adminReset) Run(ctx context.Context, s *Settings) error {
	return withStaff(ctx, s, func(st *staff.Store) error {
		a, err := st.AccountOf(ctx, cmd.Login)
		if err != nil {
			return err
		}
		password, err := askPassword(os.Stdin, os.Stderr, a.Login)
		if err != nil {
			return err
		}
		temporary, err := st.Reset(ctx, staff.CommandLine(), a.ID)
		if err != nil {
			return err
		}
		return equip(ctx, os.Stdout, st, a, temporary, password)
	})
}

// withStaff opens the accounts for a command.
func withStaff(ctx context.Context, s *Settings, fn func(*staff.Store) error) error {
	c, err := openCore(ctx, s, s.logger(os.Stderr), time.Now)
	if err != nil {
		return err
	}
	st, err := staff.New(c.db, c.now, time.Now)
	if err == nil {
		err = fn(st)
	}
	return errors.Join(err, c.db.Close())
}

// askPassword reads a new password twice from a terminal, without showing it,
// or once from a pipe, and refuses one that is easily guessed.
func askPassword(in *os.File, out io.Writer, login string) (string, error) {
	fd := int(in.Fd())
	if !term.IsTerminal(fd) {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("密码读不到：%w", err)
		}
		line = strings.TrimRight(line, "\r\n")
		return line, staff.CheckPassword(login, line)
	}
	var words [2]string
	for i, prompt := range []string{"新密码（至少 10 个字符，输入时不显示）：", "再输一次："} {
		_, _ = fmt.Fprint(out, prompt)
		word, err := term.ReadPassword(fd)
		_, _ = fmt.Fprintln(out)
		if err != nil {
			return "", fmt.Errorf("密码读不到：%w", err)
		}
		words[i] = string(word)
	}
	if words[0] != words[1] {
		return "", errors.New("两次输入的密码不一样，什么都没有改，请再运行一次")
	}
	return words[0], staff.CheckPassword(login, words[0])
}

// equip gives a fresh account its password and TOTP secret and prints the
// secret, once.
func equip(ctx context.Context, out io.Writer, st *staff.Store, a staff.Account, temporary, password string) error {
	secret := staff.NewSecret()
	err := st.SetPassword(ctx, staff.CommandLine(), a.ID, temporary, password)
	if err == nil {
		err = st.Enrol(ctx, staff.CommandLine(), a.ID, secret, "")
	}
	if err != nil {
		return err
	}
	link := staff.SecretURL(a.Login, secret)
	code, err := qr.Encode(link, qr.L)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "账号 %s 已就绪。\n用手机上的验证器扫下面的码，登录时要用它的 6 位数字。这个码只显示这一次。\n\n%s\n密钥：%s\n%s\n",
		a.Login, blocks(code), secret, link)
	return err
}

// blocks draws a QR code in black on white, two rows a line.
func blocks(c *qr.Code) string {
	const quiet = 2 // modules of white around it
	var b strings.Builder
	for y := -quiet; y < c.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;47m")
		for x := -quiet; x < c.Size+quiet; x++ {
			upper, lower := c.Black(x, y), c.Black(x, y+1)
			switch {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
