// Package meili is the search server: clauses kept in Meilisearch, found behind
// the same interface as in the embedded index.
//
// The server is disposable. SQL is the truth, the index on the server carries
// with it how far it has followed the store (State), and whatever is wrong with
// it is mended by a rebuild into a fresh index that takes the old one's place.
// Nothing is trusted: every call has a deadline, every task is awaited and must
// have succeeded, and what a search returns is only a list of names.
package meili

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

// Config says where the server is and who we are there.
type Config struct {
	URL       string // with or without a slash at its end
	SearchKey string // may search, nothing else
	IndexKey  string // may write documents, indexes, settings and tasks
	Prefix    string // begins the names of our indexes, so that a server can be shared
}

// Deadlines of single calls and of tasks.
const (
	callLimit = 10 * time.Second // one HTTP call that is no search
	taskLimit = 45 * time.Second // from a task's acceptance to its end

	// A task is looked after twice as rarely each time.
	firstLook   = 5 * time.Millisecond
	longestLook = 500 * time.Millisecond
)

// Server is one index on a Meilisearch server. It is safe for concurrent use.
type Server struct {
	searcher meilisearch.ServiceManager // holds the search key
	admin    meilisearch.ServiceManager // holds the indexing key
	prefix   string
	failed   atomic.Int64 // tasks that did not succeed
}

// New makes a client. It does not connect.
func New(cfg Config) *Server {
	// The client library sets no time limit and follows the environment's
	// proxies; the server is ours and near.
	transport := &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: callLimit}
	client := &http.Client{Transport: remember{transport}}
	open := func(key string) meilisearch.ServiceManager {
		// The library's own retries send an empty body and report a late
		// success as an error.
		return meilisearch.New(strings.TrimRight(cfg.URL, "/"), meilisearch.WithAPIKey(key), meilisearch.WithCustomClient(client), meilisearch.DisableRetries())
	}
	return &Server{searcher: open(cfg.SearchKey), admin: open(cfg.IndexKey), prefix: cfg.Prefix}
}

// live is the name of the index that is searched.
func (s *Server) live() string { return s.prefix + "clauses" }

// FailedTasks is how many tasks have not succeeded since the start.
func (s *Server) FailedTasks() int64 { return s.failed.Load() }

// ErrTask is a task that the server took and did not do.
var ErrTask = errors.New("meili: the task did not succeed")

// do has the server do what call asks for, and waits until it is done. Calls
// that the server was too busy for are made again; call must not mind.
func (s *Server) do(ctx context.Context, what string, call func(ctx context.Context) (*meilisearch.TaskInfo, error)) error {
	var info *meilisearch.TaskInfo
	err := again(ctx, func(ctx context.Context) (err error) {
		info, err = call(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("meili: %s: %w", what, err)
	}
	return s.await(ctx, what, info)
}

// await waits for a task to succeed.
func (s *Server) await(ctx context.Context, what string, info *meilisearch.TaskInfo) error {
	ctx, cancel := context.WithTimeout(ctx, taskLimit)
	defer cancel()
	for look := firstLook; ; look = min(2*look, longestLook) {
		var task *meilisearch.Task
		err := again(ctx, func(ctx context.Context) (err error) {
			task, err = s.admin.GetTaskWithContext(ctx, info.TaskUID)
			return err
		})
		if err != nil {
			return fmt.Errorf("meili: %s: task %d: %w", what, info.TaskUID, err)
		}
		switch task.Status {
		case meilisearch.TaskStatusSucceeded:
			return nil
		case meilisearch.TaskStatusFailed, meilisearch.TaskStatusCanceled:
			s.failed.Add(1)
			return fmt.Errorf("%w: %s: %d %s: %s", ErrTask, what, info.TaskUID, task.Status, task.Error.Code)
		}
		if err := sleep(ctx, look); err != nil {
			return fmt.Errorf("meili: %s: task %d still %s: %w", what, info.TaskUID, task.Status, err)
		}
	}
}

// keptTasks is how long finished tasks stay for somebody to look at.
const keptTasks = 24 * time.Hour

// Prune removes the server's records of our finished tasks that are older than
// a day: it keeps every one for good otherwise.
func (s *Server) Prune(ctx context.Context, now time.Time) error {
	finished := []meilisearch.TaskStatus{meilisearch.TaskStatusSucceeded, meilisearch.TaskStatusFailed, meilisearch.TaskStatusCanceled}
	before := now.Add(-keptTasks).UTC() // the library writes Z behind whatever it is given
	for what, q := range map[string]*meilisearch.DeleteTasksQuery{
		"prune tasks": {Statuses: finished, BeforeFinishedAt: before, IndexUIDS: []string{s.live(), s.fresh()}},
		// These belong to no index.
		"prune common tasks": {Statuses: finished, BeforeFinishedAt: before, Types: []meilisearch.TaskType{meilisearch.TaskTypeIndexSwap, meilisearch.TaskTypeTaskDeletion}},
	} {
		err := s.do(ctx, what, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return s.admin.DeleteTasksWithContext(ctx, q)
		})
		// A key for our indexes only does not see a task that belongs to none.
		if err != nil && !hasCode(err, "task_not_found") {
			return err
		}
	}
	return nil
}
