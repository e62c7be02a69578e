package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/material"
)

// Media is a temporary file, such as a picture a user sent.
type Media struct {
	Data        []byte
	ContentType string
	FileName    string // a bare name, may be empty
	VideoURL    string // set instead of Data for a video: where to download it, soon
}

const mediaGet = "/cgi-bin/media/get"

// MediaGet downloads a temporary file, at most 32 MiB. The platform keeps it for 3 days. (The SDK only builds the URL.)
func (c *Client) MediaGet(ctx context.Context, mediaID string) (m Media, err error) {
	err = c.withToken(ctx, func(token string) error {
		m, err = c.mediaGet(ctx, token, mediaID)
		return err
	})
	return m, err
}

func (c *Client) mediaGet(ctx context.Context, token, mediaID string) (Media, error) {
	q := url.Values{"access_token": {token}, "media_id": {mediaID}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(mediaGet, q), nil)
	if err != nil {
		return Media{}, &APIError{Endpoint: mediaGet, Err: c.redacted(err, token)}
	}
	header, body, err := c.roundTrip(req, mediaGet, maxMedia)
	if err != nil {
		return Media{}, err
	}
	m := Media{ContentType: header.Get("Content-Type"), Data: body}
	if _, params, err := mime.ParseMediaType(header.Get("Content-Disposition")); err == nil {
		m.FileName = path.Base(strings.ReplaceAll("/"+params["filename"], `\`, "/"))
		m.FileName = strings.Trim(m.FileName, "/.")
	}
	// Errors and videos come as JSON, as text/plain or application/json; a file comes with a name.
	if media, _, _ := mime.ParseMediaType(m.ContentType); m.FileName == "" && (media == "text/plain" || media == "application/json") {
		return c.mediaAnswer(body)
	}
	return m, nil
}

// mediaAnswer reads the JSON that comes instead of a file.
func (c *Client) mediaAnswer(body []byte) (Media, error) {
	if err := c.platformError(mediaGet, body); err != nil {
		return Media{}, err
	}
	var answer struct {
		VideoURL string `json:"video_url"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.VideoURL == "" {
		return Media{}, &APIError{Endpoint: mediaGet, Status: http.StatusOK, Err: errors.New("neither a file nor a video")}
	}
	return Media{VideoURL: answer.VideoURL}, nil
}

// MediaDownload fetches a file from an address that the platform gave (a video's of MediaGet, a picture's PicUrl), at
// most 32 MiB. No token goes there.
func (c *Client) MediaDownload(ctx context.Context, address string) (Media, error) {
	const endpoint = "download"
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return Media{}, &APIError{Endpoint: endpoint, Err: errors.New("no web address")}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Media{}, &APIError{Endpoint: endpoint, Err: err}
	}
	header, body, err := c.roundTrip(req, endpoint, maxMedia)
	return Media{ContentType: header.Get("Content-Type"), Data: body}, err
}

// MediaUpload uploads a temporary file (kind image, voice, video or thumb) and returns its media id, which the
// platform keeps for 3 days.
func (c *Client) MediaUpload(ctx context.Context, kind, fileName string, data []byte) (mediaID string, err error) {
	err = c.sdk(ctx, func(sdk *sdkcontext.Context) error {
		answer, err := material.NewMaterial(sdk).
			MediaUploadFromReader(material.MediaType(url.QueryEscape(kind)), path.Base(fileName), bytes.NewReader(data))
		if mediaID = answer.MediaID; mediaID == "" {
			mediaID = answer.ThumbMediaID
		}
		return err
	})
	return mediaID, err
}
