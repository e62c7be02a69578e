package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"time"
)

// Media is one temporary material (临时素材): it lapses after three days.
type Media struct {
	ID          string
	Kind        string // image, voice, video, thumb
	ContentType string
	Data        []byte
	CreatedAt   time.Time
}

// mediaLife is how long a temporary material can be fetched.
const mediaLife = 3 * 24 * time.Hour

// Media returns a stored material, or nil when it is unknown or has lapsed.
func (p *Platform) Media(id string) *Media {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.media[id]
	if m == nil || now.Sub(m.CreatedAt) > mediaLife {
		return nil
	}
	return m
}

func (p *Platform) hasMedia(id string) bool { return p.Media(id) != nil }

// storeMedia keeps data under a fresh id. Stored media never change afterwards.
func (p *Platform) storeMedia(kind, contentType string, data []byte) *Media {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	m := &Media{ID: p.randomText(64), Kind: kind, ContentType: contentType, Data: data, CreatedAt: now}
	p.media[m.ID] = m
	return m
}

// samplePicture is a drawn picture of a spray booth's exhaust stack, the phone's built-in photo.
func samplePicture() []byte {
	const w, h = 480, 360
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, sampleColour(x, y, h))
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // cannot fail: a valid image into memory
	return b.Bytes()
}

func sampleColour(x, y, h int) color.RGBA {
	switch {
	case y > h-70: // ground
		return color.RGBA{0x7a, 0x9b, 0x6d, 0xff}
	case x > 120 && x < 330 && y > 190: // workshop
		if x > 190 && x < 260 && y > 230 {
			return color.RGBA{0x5b, 0x6b, 0x7a, 0xff}
		}
		return color.RGBA{0xc9, 0xd2, 0xd8, 0xff}
	case x > 350 && x < 385 && y > 90: // stack
		return color.RGBA{0x8f, 0x9a, 0xa3, 0xff}
	case (x-400)*(x-400)+(y-60)*(y-60)*3 < 2600 || (x-430)*(x-430)+(y-38)*(y-38)*3 < 1900: // plume
		return color.RGBA{0xe8, 0xea, 0xec, 0xff}
	default: // sky
		return color.RGBA{uint8(0xb8 + y/8), uint8(0xd6 + y/16), 0xf2, 0xff} //nolint:gosec // y ≤ 360
	}
}

// sampleVoice is a silent AMR file of that length at 8 or 16 kHz (one 20 ms frame each).
func sampleVoice(length time.Duration, kHz int) []byte {
	head, frame := "#!AMR\n", append([]byte{0x04}, make([]byte, 12)...)
	if kHz == 16 {
		head, frame = "#!AMR-WB\n", append([]byte{0x04}, make([]byte, 17)...)
	}
	frames := max(1, int(length/(20*time.Millisecond)))
	return append([]byte(head), bytes.Repeat(frame, min(frames, 3000))...)
}
