package admin

import (
	"context"
	"encoding/json"
	"time"

	"greendesk/desk/staff"
)

// Who looks at a consultation lies in the store under one key for each
// consultation. Two pages that write at the same moment may lose one name; the
// next look, two seconds later, brings it back.

// seenFor is how long a name stays after its last look.
const seenFor = 4 * lookEvery

// looker is somebody who looks at a consultation.
type looker struct {
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Until   time.Time `json:"until"`
}

func presentKey(consultation string) string { return "present:" + consultation }

// look notes that an actor looks at a consultation and returns the names of
// who else does, longest first.
func (k *Console) look(ctx context.Context, consultation string, a staff.Actor) ([]string, error) {
	now := k.cfg.Now()
	all, err := k.lookers(ctx, consultation)
	if err != nil {
		return nil, err
	}
	names, kept, known := []string{}, []looker{}, false
	for _, l := range all {
		switch {
		case l.Account == a.Account:
			l.Until, known = now.Add(seenFor), true
		case l.Until.Before(now) || l.Until.After(now.Add(2*seenFor)): // left, or the clock was moved
			continue
		default:
			names = append(names, l.Name)
		}
		kept = append(kept, l)
	}
	if !known {
		kept = append(kept, looker{Account: a.Account, Name: a.Name, Until: now.Add(seenFor)})
	}
	return names, k.keepLookers(ctx, consultation, kept)
}

// lookAway notes that an account no longer looks. What goes wrong mends itself
// when its time is over.
func (k *Console) lookAway(ctx context.Context, consultation, account string) {
	all, err := k.lookers(ctx, consultation)
	kept := []looker{}
	for _, l := range all {
		if l.Account != account {
			kept = append(kept, l)
		}
	}
	if err == nil && len(kept) < len(all) {
		err = k.keepLookers(ctx, consultation, kept)
	}
	if err != nil {
		k.cfg.Log.DebugContext(ctx, "looking away is not noted", "error", err)
	}
}

func (k *Console) lookers(ctx context.Context, consultation string) ([]looker, error) {
	b, err := k.cfg.State.Get(ctx, presentKey(consultation))
	if err != nil || len(b) == 0 {
		return nil, err
	}
	var out []looker
	if json.Unmarshal(b, &out) != nil { // of another version of the program
		return nil, nil
	}
	return out, nil
}

func (k *Console) keepLookers(ctx context.Context, consultation string, list []looker) error {
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return k.cfg.State.Set(ctx, presentKey(consultation), b, seenFor)
}
