// Package desk is what people do for each other: contacts, the messages they
// send, consultations handed to experts, and the messages owed to people. It
// holds the rules, with their SQL beside them.
package desk

import (
	"log/slog"
	"sync"
	"time"

	"greendesk/desk/route"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
)

// Desk is the service desk's memory and rules. It is safe for concurrent use,
// by several processes on one database too.
type Desk struct {
	db   *db.DB
	jobs *jobs.Queue
	log  *slog.Logger
	now  func() time.Time
	zone *time.Location

	files     files
	watchers  watchers
	topics    func() (*route.Topics, error) // the words of topics, read once
	calendars calendars
}

// China is a time by China's clock: UTC+8, all year.
func China(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*60*60)) }

// New makes a Desk. now is the clock by which everything is dated.
func New(d *db.DB, q *jobs.Queue, log *slog.Logger, now func() time.Time) *Desk {
	return &Desk{db: d, jobs: q, log: log, now: now, zone: China(time.Time{}).Location(), topics: sync.OnceValues(route.LoadTopics)}
}

// millis is the form in which times are stored: UTC milliseconds.
func (d *Desk) millis() int64 { return d.now().UnixMilli() }

// MaskOpenID is how an openid may stand in a log: its first and last four
// characters.
func MaskOpenID(openid string) string {
	if len(openid) <= 8 {
		return "****"
	}
	return openid[:4] + "****" + openid[len(openid)-4:]
}
