package wechat

import (
	"context"
	"errors"
	"time"
)

// Cache is the store that the replicas share for tokens and locks. Get returns nil, nil for an absent key.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Set(ctx context.Context, key string, val []byte, ttl time.Duration) error
	SetNX(ctx context.Context, key string, val []byte, ttl time.Duration) (bool, error)
	Delete(ctx context.Context, key string) error
}

// ClientConfig configures the API client.
type ClientConfig struct {
	AppID, Secret string
	BaseURL       string // API; default https://api.weixin.qq.com; may have a path
	OpenURL       string // OAuth page, as browsers reach it; default BaseURL when that is set, else https://open.weixin.qq.com
	MPURL         string // QR code images, as browsers reach it; default BaseURL when that is set, else https://mp.weixin.qq.com
	Cache         Cache
	Timeout       time.Duration // of one HTTP exchange; default 10 s
	Now           func() time.Time
}

// Client calls the platform's API.
type Client struct{ cfg ClientConfig }

// NewClient checks cfg.
func NewClient(cfg ClientConfig) (*Client, error) { return &Client{cfg: cfg}, nil }

var errTodo = errors.New("todo")
