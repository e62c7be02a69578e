package wechat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/oauth"
	"github.com/silenceper/wechat/v2/util"
)

// The OAuth scopes: who it is, without asking; and the profile, for which the user is asked.
const (
	ScopeBase     = "snsapi_base"
	ScopeUserInfo = "snsapi_userinfo"
)

// Identity is who an OAuth code stands for.
type Identity struct {
	OpenID, UnionID string
	Scope           string
	Snapshot        bool   // a fake account of a page snapshot: never bind it to anything
	AccessToken     string // for OAuthProfile; a secret of this user
}

// Profile is a user's public profile.
type Profile struct{ OpenID, UnionID, Nickname, HeadImageURL string }

// AuthorizeURL is where a page sends a browser to log in; it comes back to redirect with code and state. state is up
// to 128 letters and digits and should be unguessable: compare it with the one in the browser's session.
func (c *Client) AuthorizeURL(redirect, scope, state string) (string, error) {
	if scope != ScopeBase && scope != ScopeUserInfo {
		return "", errors.New("wechat: there is no such OAuth scope")
	}
	if len(state) > 128 || !allBytes(state, isAlphanumeric) {
		return "", errors.New("wechat: an OAuth state has up to 128 letters and digits")
	}
	sdk := oauth.NewOauth(c.sdkContext(""))
	address, err := sdk.GetRedirectURL(redirect, scope, state)
	if err != nil {
		return "", err
	}
	return c.cfg.OpenURL + strings.TrimPrefix(address, defaultOpen), nil
}

// OAuthExchange turns a code into an identity. A code works once, for 5 minutes, else it fails with ClassOAuthCode.
func (c *Client) OAuthExchange(ctx context.Context, code string) (Identity, error) {
	var id Identity
	call := &sdkCall{client: c, ctx: ctx, secret: c.cfg.Secret}
	err := c.sdkOnce(call, func(sdk *sdkcontext.Context) error {
		// The SDK pastes the code, which comes from a browser, into its URL as it is.
		a, err := oauth.NewOauth(sdk).GetUserAccessTokenContext(ctx, url.QueryEscape(code))
		id = Identity{OpenID: a.OpenID, UnionID: a.UnionID, Scope: a.Scope, Snapshot: a.IsSnapShotUser != 0, AccessToken: a.AccessToken}
		return err
	})
	if err == nil && id.OpenID == "" {
		err = &APIError{Endpoint: "/sns/oauth2/access_token", Status: 200, Err: errors.New("the answer has no openid")}
	}
	if err != nil {
		return Identity{}, err
	}
	return id, nil
}

// OAuthProfile reads the profile of an identity that granted ScopeUserInfo.
func (c *Client) OAuthProfile(ctx context.Context, id Identity) (Profile, error) {
	var p Profile
	call := &sdkCall{client: c, ctx: ctx, token: id.AccessToken}
	err := c.sdkOnce(call, func(sdk *sdkcontext.Context) error {
		handle, err := sdk.GetAccessToken()
		if err != nil {
			return err
		}
		a, err := oauth.NewOauth(sdk).GetUserInfoContext(ctx, handle, url.QueryEscape(id.OpenID), "")
		p = Profile{OpenID: a.OpenID, UnionID: a.Unionid, Nickname: a.Nickname, HeadImageURL: a.HeadImgURL}
		return err
	})
	if err != nil {
		return Profile{}, err
	}
	return p, nil
}

// JSConfig is what wx.config needs in a page.
type JSConfig struct {
	AppID     string `json:"appId"`
	Timestamp int64  `json:"timestamp"` // Unix seconds
	NonceStr  string `json:"nonceStr"`
	Signature string `json:"signature"`
}

// JSConfig signs a page's URL for the JS-SDK; what follows its # is left out, as the platform does. The ticket behind
// it is shared by all replicas. (Signed here, not by the SDK's js.GetConfig, which has its own clock and a guessable nonce.)
func (c *Client) JSConfig(ctx context.Context, pageURL string) (JSConfig, error) {
	ticket, err := c.ticket.get(ctx, "")
	if err != nil {
		return JSConfig{}, err
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return JSConfig{}, err
	}
	config := JSConfig{AppID: c.cfg.AppID, Timestamp: c.cfg.Now().Unix(), NonceStr: hex.EncodeToString(random[:])}
	config.Signature = jsSignature(ticket, config.NonceStr, config.Timestamp, pageURL)
	return config, nil
}

func jsSignature(ticket, nonce string, timestamp int64, pageURL string) string {
	pageURL, _, _ = strings.Cut(pageURL, "#")
	return util.Signature("jsapi_ticket=" + ticket + "&noncestr=" + nonce + "&timestamp=" + strconv.FormatInt(timestamp, 10) + "&url=" + pageURL)
}

func (c *Client) fetchTicket(ctx context.Context, _ string) (string, time.Duration, error) {
	var answer credential.ResTicket
	err := c.sdk(ctx, func(sdk *sdkcontext.Context) error {
		handle, err := sdk.GetAccessToken()
		if err != nil {
			return err
		}
		answer, err = credential.GetTicketFromServerContext(ctx, handle)
		return err
	})
	if err == nil && (answer.Ticket == "" || answer.ExpiresIn <= 0) {
		err = &APIError{Endpoint: "/cgi-bin/ticket/getticket", Status: 200, Err: errors.New("the answer has no ticket")}
	}
	return answer.Ticket, time.Duration(answer.ExpiresIn) * time.Second, err
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
