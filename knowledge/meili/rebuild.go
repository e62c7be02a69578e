package meili

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/meilisearch/meilisearch-go"
)

// Index is one of our indexes on the server, with how far it has followed the
// store.
type Index struct {
	State State
	s     *Server
	uid   string
}

// Current is the index that is searched.
func (s *Server) Current(ctx context.Context) (*Index, error) {
	state, err := s.State(ctx)
	return &Index{State: state, s: s, uid: s.live()}, err
}

// Delete removes versions, as Server.Delete.
func (x *Index) Delete(ctx context.Context, versions ...string) error {
	return x.s.drop(ctx, x.uid, versions)
}

// Reached notes how far the index has followed the store.
func (x *Index) Reached(ctx context.Context, generation int64) error {
	state := x.State
	state.Generation = generation
	if err := x.s.setState(ctx, x.uid, state); err != nil {
		return err
	}
	x.State = state
	return nil
}

// Fresh is an index beside the one that is searched, to be filled up to
// want.Generation and put in its place. One that was left half filled is given
// back as it was left, when it can become what is wanted; else it is thrown
// away. Only one may be under way at a time.
func (s *Server) Fresh(ctx context.Context, want State) (*Index, error) {
	if err := s.noSwapUnderWay(ctx); err != nil {
		return nil, err
	}
	state, err := s.state(ctx, s.fresh())
	if err != nil {
		return nil, err
	}
	x := &Index{State: state, s: s, uid: s.fresh()}
	if state.Stamp == want.Stamp && state.Generation <= want.Generation {
		if name, err := s.driftOf(ctx, x.uid, want); err != nil || name == "" {
			return x, err
		}
	}
	if err := s.DropFresh(ctx); err != nil {
		return nil, err
	}
	if err := s.create(ctx, x.uid); err != nil {
		return nil, err
	}
	// Settings before documents: the other way round everything is indexed twice.
	if err := s.do(ctx, "write settings", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.Index(x.uid).UpdateSettingsWithContext(ctx, settings(want.Dimensions))
	}); err != nil {
		return nil, err
	}
	x.State = State{Stamp: want.Stamp, Dimensions: want.Dimensions}
	return x, x.Reached(ctx, 0)
}

// errSwapUnderWay is a swap that was asked for and not waited for to its end:
// one more would undo it.
var errSwapUnderWay = fmt.Errorf("meili: a swap is under way: %w", context.DeadlineExceeded)

func (s *Server) noSwapUnderWay(ctx context.Context) error {
	var pending *meilisearch.TaskResult
	err := again(ctx, func(ctx context.Context) (err error) {
		pending, err = s.admin.GetTasksWithContext(ctx, &meilisearch.TasksQuery{Limit: 1, Types: []meilisearch.TaskType{meilisearch.TaskTypeIndexSwap},
			Statuses: []meilisearch.TaskStatus{meilisearch.TaskStatusEnqueued, meilisearch.TaskStatusProcessing}})
		return err
	})
	if err != nil {
		return fmt.Errorf("meili: look for swaps: %w", err)
	}
	if len(pending.Results) > 0 {
		return errSwapUnderWay
	}
	return nil
}

// DropFresh throws away what was begun and not put in place.
func (s *Server) DropFresh(ctx context.Context) error { return s.remove(ctx, s.fresh()) }

// Place puts the fresh index in the place of the one that is searched, in one
// step, and deletes that one.
func (s *Server) Place(ctx context.Context) error {
	if err := s.create(ctx, s.live()); err != nil {
		return err
	}
	// Never asked for twice: a swap that the server took before the connection
	// broke would be undone. Whoever comes next looks at what is in place.
	once, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	info, err := s.admin.SwapIndexesWithContext(once, []*meilisearch.SwapIndexesParams{{Indexes: []string{s.live(), s.fresh()}}})
	if err != nil {
		return fmt.Errorf("meili: swap: %w", err)
	}
	if err := s.await(ctx, "swap", info); err != nil {
		return err
	}
	return s.DropFresh(ctx)
}

// fresh is the name of the index that a rebuild fills.
func (s *Server) fresh() string { return s.live() + "-next" }

// create makes an index that may be there already.
func (s *Server) create(ctx context.Context, uid string) error {
	var found *meilisearch.IndexResult
	err := again(ctx, func(ctx context.Context) (err error) {
		found, err = s.admin.GetIndexWithContext(ctx, uid)
		return err
	})
	if err == nil && found != nil {
		return nil
	}
	if !hasCode(err, "index_not_found") {
		return fmt.Errorf("meili: look for index: %w", err)
	}
	return s.do(ctx, "create index", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: uid, PrimaryKey: "id"})
	})
}

// remove deletes an index that may not be there.
func (s *Server) remove(ctx context.Context, uid string) error {
	err := again(ctx, func(ctx context.Context) error {
		_, err := s.admin.GetIndexWithContext(ctx, uid)
		return err
	})
	if hasCode(err, "index_not_found") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("meili: look for index: %w", err)
	}
	return s.do(ctx, "delete index", func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.admin.DeleteIndexWithContext(ctx, uid)
	})
}

// Drift names what the index that is searched has otherwise than the program
// wants it: a setting, or "index" when there is none. "" is as it should be.
func (s *Server) Drift(ctx context.Context, want State) (string, error) {
	return s.driftOf(ctx, s.live(), want)
}

func (s *Server) driftOf(ctx context.Context, uid string, want State) (string, error) {
	var have *meilisearch.Settings
	err := again(ctx, func(ctx context.Context) (err error) {
		have, err = s.admin.Index(uid).GetSettingsWithContext(ctx)
		return err
	})
	var e *meilisearch.Error
	var form *json.UnmarshalTypeError
	switch {
	case hasCode(err, "index_not_found"):
		return "index", nil
	case errors.As(err, &e) && errors.As(e.OriginError, &form):
		return form.Field, nil // written by somebody in a form that we never write
	case err != nil:
		return "", fmt.Errorf("meili: settings: %w", err)
	}
	return drift(settings(want.Dimensions), have), nil
}
