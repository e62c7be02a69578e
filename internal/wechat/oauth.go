package wechat

import "context"

// The OAuth scopes.
const (
	ScopeBase     = "snsapi_base"
	ScopeUserInfo = "snsapi_userinfo"
)

// Identity is who an OAuth code stands for.
type Identity struct {
	OpenID, UnionID string
	Scope           string
	Snapshot        bool   // a fake account of a page snapshot: never bind it
	AccessToken     string // for OAuthProfile; a secret
}

// Profile is a user's public profile.
type Profile struct{ OpenID, UnionID, Nickname, HeadImageURL string }

// AuthorizeURL is where a page sends a browser to log in.
func (c *Client) AuthorizeURL(redirect, scope, state string) (string, error) { return "", errTodo }

// OAuthExchange turns a code into an identity; codes work once, for 5 minutes.
func (c *Client) OAuthExchange(ctx context.Context, code string) (Identity, error) {
	return Identity{}, errTodo
}

// OAuthProfile reads the profile of an identity that granted ScopeUserInfo.
func (c *Client) OAuthProfile(ctx context.Context, id Identity) (Profile, error) {
	return Profile{}, errTodo
}

// JSConfig is what wx.config needs in a page.
type JSConfig struct {
	AppID     string `json:"appId"`
	Timestamp int64  `json:"timestamp"`
	NonceStr  string `json:"nonceStr"`
	Signature string `json:"signature"`
}

// JSConfig signs a page's URL for the JS-SDK.
func (c *Client) JSConfig(ctx context.Context, pageURL string) (JSConfig, error) {
	return JSConfig{}, errTodo
}
