package wechat

import "context"

// Media is a downloaded temporary file.
type Media struct {
	Data        []byte
	ContentType string
	FileName    string
	VideoURL    string // set instead of Data for videos
}

// MediaGet downloads a temporary file.
func (c *Client) MediaGet(ctx context.Context, mediaID string) (Media, error) {
	return Media{}, errTodo
}

// MediaUpload uploads a temporary file (kind image, voice, video, thumb) and returns its media id, good for 3 days.
func (c *Client) MediaUpload(ctx context.Context, kind, fileName string, data []byte) (mediaID string, err error) {
	return "", errTodo
}
