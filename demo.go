package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"greendesk/internal/wechat/simulator"
)

// demoCmd runs the desk beside a simulated WeChat platform. It needs no
// configuration and no network.
type demoCmd struct {
	Listen string `help:"监听地址；被占用时换一个空闲端口。" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
}

// platformPaths belong to the simulated platform; the rest is the desk's.
var platformPaths = []string{"/cgi-bin/", "/sns/", "/connect/", "/mmbiz/", "/phone/"}

// Run implements the command.
func (cmd *demoCmd) Run(ctx context.Context, s *Settings) error {
	log := s.logger(os.Stderr)
	l, err := cmd.listen(ctx)
	if err != nil {
		return err
	}
	o, err := demoSettings("http://" + l.Addr().String())
	if err != nil {
		return err
	}
	platform, err := simulator.New(simulator.Options{AppID: o.WechatAppID, Secret: o.WechatSecret, Token: o.WechatToken, AESKeys: o.aesKeys(),
		OriginalID: o.WechatOriginalID, CallbackURL: o.BaseURL + "/wechat", BaseURL: o.BaseURL, Verified: true, Log: log})
	if err != nil {
		return err
	}
	defer platform.Close()
	kept := demoClock(s.Data)
	if err := kept.restore(platform.Clock()); err != nil {
		return err
	}
	c, err := openCore(ctx, s, log, platform.Clock().Now)
	if err != nil {
		return err
	}
	if err := c.store.ImportStarter(ctx); err != nil {
		return errors.Join(err, c.close())
	}
	sv, err := newService(c, s, o)
	if err != nil {
		return errors.Join(err, c.close())
	}
	door, err := openDemoDoor(ctx, sv)
	if err != nil {
		return errors.Join(err, sv.Close())
	}
	if err := sv.Start(ctx); err != nil {
		return errors.Join(err, sv.Close())
	}
	go func() {
		sv.writeMenu(ctx)
		fmt.Printf("绿企服务台已就绪（知识库 %d 条）。\n企业的手机：%s/phone/\n工作台（专家、管理员登录）：%s\n按 Ctrl+C 结束。\n", c.engine.Clauses(), o.BaseURL, door.address(o.BaseURL))
	}()
	err = serve(ctx, l, beside(platform.Handler(), withDoor(sv.handler, door)))
	return errors.Join(err, kept.save(platform.Clock()), sv.Close())
}

// listen takes the address asked for, or a free port when it is taken.
func (cmd *demoCmd) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cmd.Listen)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(cmd.Listen)
	if splitErr != nil || !errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("设置有误：listen：%w", err)
	}
	fmt.Fprintf(os.Stderr, "%s 已被占用，换一个空闲端口。\n", cmd.Listen)
	return lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// demoSettings are made anew for each demo: nothing is secret, and nothing is
// the same twice.
func demoSettings(baseURL string) (*ServeSettings, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("demo: random key: %w", err)
	}
	return &ServeSettings{BaseURL: baseURL, WechatAPI: baseURL, WechatAppID: "wx" + hex.EncodeToString(key[:8]), WechatSecret: hex.EncodeToString(key[:16]),
		WechatToken: hex.EncodeToString(key[16:24]), WechatAESKey: strings.TrimRight(base64.StdEncoding.EncodeToString(key), "="), WechatOriginalID: "gh_greendesk01",
		WechatTemplate: simulator.DefaultTemplates()[0].ID, WechatTemplateFields: "thing1=question,name2=expert,time3=time,phrase4=state",
		WechatOAuth: true}, nil
}

// beside serves the simulated platform's paths and the desk's on one address.
func beside(platform, desk http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, p := range platformPaths {
			if strings.HasPrefix(r.URL.Path, p) || r.URL.Path+"/" == p {
				platform.ServeHTTP(w, r)
				return
			}
		}
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/phone/", http.StatusFound)
			return
		}
		desk.ServeHTTP(w, r)
	})
}
