package knowledge

import (
	"context"
	"errors"
	"slices"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/internal/jobs"
	"greendesk/knowledge/index"
	"greendesk/knowledge/meili"
)

// KindIndex is the kind of the job that brings the search server up to the
// store; its handler is Engine.FollowServer.
const KindIndex = "index.follow"

// Announce has every change of the knowledge base enqueue, in its transaction,
// a job of KindIndex, which the queue must know.
func (s *Store) Announce(queue *jobs.Queue) { s.queue = queue }

// changed announces a change made in tx. A job that waits already will do.
func (s *Store) changed(ctx context.Context, tx *db.Tx) error {
	if s.queue == nil {
		return nil
	}
	return s.queue.Enqueue(ctx, tx, KindIndex, struct{}{}, jobs.EnqueueOptions{UniqueKey: KindIndex, Priority: 4})
}

// CheckServer enqueues the job that compares the search server with the store
// and with what the program wants of it, for the start.
func (e *Engine) CheckServer(ctx context.Context) error {
	return e.store.db.InTx(ctx, e.store.changed)
}

// Limits of one run of the job. What it has done is kept, so it can stop at
// any part and go on in the next run.
const (
	leaseWait  = 3 * time.Second  // while another process has the server
	serverWait = 5 * time.Second  // while the server does not answer
	stopBefore = 30 * time.Second // before the job's deadline no part is begun
)

// errPause ends a run that goes on in the next.
var errPause = errors.New("knowledge: the run is over")

// FollowServer is the handler of KindIndex: it brings the search server's index
// up to the store, and makes it anew when its settings, its origin or its
// form are not what they should be.
func (e *Engine) FollowServer(ctx context.Context, _ jobs.Job) error {
	holder := db.NewID()
	got, err := e.store.lease(ctx, holder)
	if err != nil {
		return err
	}
	if !got {
		return jobs.Snooze(leaseWait)
	}
	err = e.follow(ctx, holder)
	ended := e.endLease(ctx, holder)
	switch {
	case err == nil:
		return ended
	case errors.Is(err, errPause):
		return jobs.Snooze(0)
	case meili.Passing(err): // a server that is away for a day must not be given up
		e.log.WarnContext(ctx, "search server not brought up to date", "error", err)
		return jobs.Snooze(serverWait)
	}
	return err
}

// endLease gives the lease back and looks at what the server has now.
func (e *Engine) endLease(ctx context.Context, holder string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*lookBudget)
	defer cancel()
	e.lookAtServer(ctx)
	return e.store.release(ctx, holder)
}

func (e *Engine) follow(ctx context.Context, holder string) error {
	s := e.remote.server
	want, err := e.wanted(ctx)
	if err != nil || want.Generation == 0 {
		return err
	}
	drift, err := s.Drift(ctx, want)
	if err != nil {
		return err
	}
	x, err := s.Current(ctx)
	if err != nil {
		return err
	}
	if drift != "" || x.State.Stamp != want.Stamp || x.State.Generation > want.Generation {
		e.log.WarnContext(ctx, "search index is made anew", "drift", drift, "same_origin", x.State.Stamp == want.Stamp, "generation", x.State.Generation, "store", want.Generation)
		return e.rebuild(ctx, want, holder, func(int) {})
	}
	changed := x.State.Generation < want.Generation
	if changed {
		if err := e.carry(ctx, x, holder, func(int) {}); err != nil {
			return err
		}
	}
	came, err := e.carryVectors(ctx, x, holder)
	if err != nil {
		return err
	}
	if changed || came > 0 {
		e.prune(ctx)
	}
	return nil
}

// prune tidies up; when it cannot, the index is none the worse.
func (e *Engine) prune(ctx context.Context) {
	if err := e.remote.server.Prune(ctx, time.Now()); err != nil { // the server's clock, not ours for laws
		e.log.WarnContext(ctx, "search server: finished tasks not pruned", "error", err)
	}
}

// wanted is the state that the server's index should be in.
func (e *Engine) wanted(ctx context.Context) (meili.State, error) {
	identity, err := e.store.Identity(ctx)
	if err != nil {
		return meili.State{}, err
	}
	generation, err := e.store.Generation(ctx)
	if err != nil {
		return meili.State{}, err
	}
	model, size, err := e.vectorsWanted(ctx)
	return meili.State{Generation: generation, Stamp: e.remote.server.Stamp(e.fingerprint+identity+model, size), Dimensions: size}, err
}

// rebuild fills a fresh index and puts it in place.
func (e *Engine) rebuild(ctx context.Context, want meili.State, holder string, read func(clauses int)) error {
	s := e.remote.server
	x, err := s.Fresh(ctx, want)
	if err != nil {
		return err
	}
	if err := e.carry(ctx, x, holder, read); err != nil {
		return err
	}
	if err := s.Place(ctx); err != nil {
		return err
	}
	e.prune(ctx)
	return nil
}

// carry brings an index up to the store, part by part. An entry takes the
// place of the one with its id, so no clause is missing meanwhile; a version
// that is in force on no day leaves.
func (e *Engine) carry(ctx context.Context, x *meili.Index, holder string, read func(clauses int)) error {
	generation, err := e.store.Generation(ctx)
	if err != nil {
		return err
	}
	if err := e.followCurators(ctx); err != nil { // their questions go into the entries
		return err
	}
	begun := false
	err = e.feed(ctx, x.State.Generation, func(p part) error {
		if deadline, ok := ctx.Deadline(); ok && begun && time.Until(deadline) < stopBefore {
			return errPause
		}
		begun = true
		if got, err := e.store.lease(ctx, holder); err != nil || !got {
			return errors.Join(err, errPause)
		}
		read(p.clauses)
		if err := e.addVectors(ctx, x, p.stored, p.entries); err != nil {
			return err
		}
		return move(ctx, x, p)
	})
	if err != nil || x.State.Generation >= generation {
		return err
	}
	return x.Reached(ctx, generation)
}

// move puts one part into an index.
func move(ctx context.Context, x *meili.Index, p part) error {
	var gone []string
	for _, v := range p.versions {
		if void(v) {
			gone = append(gone, v.ID)
		}
	}
	if err := x.Delete(ctx, gone...); err != nil {
		return err
	}
	if err := x.Put(ctx, slices.DeleteFunc(p.entries, func(c *index.Entry) bool { return void(c.Version) })); err != nil {
		return err
	}
	return x.Reached(ctx, p.upTo)
}

// void reports that a version is in force on no day: another import replaced it.
func void(v *index.Version) bool {
	return v.ValidTo != "" && v.ValidTo <= max(v.ValidFrom, neverValid)
}

// Reindex makes the embedded index and its snapshot at path anew from the
// store, and the search server's index when there is one. Progress is called
// with the clauses done and all that are to be done.
func (e *Engine) Reindex(ctx context.Context, path string, progress func(done, total int64)) error {
	total, err := e.store.CountClauses(ctx)
	if err != nil {
		return err
	}
	if e.remote != nil {
		total *= 2
	}
	var done int64
	read := func(clauses int) {
		done += int64(clauses)
		progress(done, total)
	}
	identity, err := e.store.Identity(ctx)
	if err != nil {
		return err
	}
	e.local, e.seen = index.NewEmbedded(), 0
	if err := e.sync(ctx, read); err != nil {
		return err
	}
	e.save(ctx, path, identity)
	if e.remote == nil {
		return nil
	}
	return e.reindexServer(ctx, read)
}

func (e *Engine) reindexServer(ctx context.Context, read func(clauses int)) error {
	holder := db.NewID()
	for {
		got, err := e.store.lease(ctx, holder)
		if err != nil {
			return err
		}
		if got {
			break
		}
		select { // a job is at it: a minute at most
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	want, err := e.wanted(ctx)
	if err == nil && want.Generation > 0 {
		if err = e.remote.server.DropFresh(ctx); err == nil {
			err = e.rebuild(ctx, want, holder, read)
		}
	}
	if errors.Is(err, errPause) {
		err = apperr.Wrap(apperr.Conflict, "另一个进程正在更新检索服务器，请过两分钟再试。", err)
	}
	return errors.Join(err, e.endLease(ctx, holder))
}
