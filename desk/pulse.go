package desk

import (
	"context"

	"greendesk/desk/staff"
)

// Pulse is a word that changes whenever a consultation does, with all that its
// page shows: for pages that follow it, also what another process changes. It
// tells nothing of the consultation and is not audited. What the actor may not
// see is NotFound.
func (d *Desk) Pulse(ctx context.Context, a staff.Actor, id string) (string, error) {
	if _, err := d.load(ctx, d.db, a, id); err != nil {
		return "", err
	}
	var word string
	err := d.db.QueryRow(ctx, `SELECT CAST(k.version AS TEXT)
			|| '.' || CAST((SELECT count(*) FROM posts p WHERE p.consultation_id = k.id) AS TEXT)
			|| '.' || CAST((SELECT count(*) FROM consultation_events v WHERE v.consultation_id = k.id) AS TEXT)
			|| '.' || CAST((SELECT count(*) FROM attachments t WHERE t.consultation_id = k.id AND t.state <> 'fetching') AS TEXT)
			|| '.' || CAST((SELECT COALESCE(max(y.updated_at), 0) FROM deliveries y WHERE y.consultation_id = k.id) AS TEXT)
		FROM consultations k WHERE k.id = $1`, id).Scan(&word)
	return word, err
}

// QueuePulse is Pulse for all consultations that the actor may read, as far as
// a queue shows them, and for what the actor is told.
func (d *Desk) QueuePulse(ctx context.Context, a staff.Actor) (string, error) {
	if a.Account == "" || !a.MayConsult() {
		return "", notSeen()
	}
	var word string
	err := d.db.QueryRow(ctx, `SELECT CAST(count(*) AS TEXT) || '.' || CAST(COALESCE(sum(k.version), 0) AS TEXT) || '.' || CAST(COALESCE(max(k.updated_at), 0) AS TEXT)
			|| '.' || CAST((SELECT count(*) FROM staff_notices n WHERE n.account_id = $1 AND n.seen_at = 0) AS TEXT)
			|| '.' || CAST((SELECT COALESCE(max(n.at), 0) FROM staff_notices n WHERE n.account_id = $1 AND n.seen_at = 0) AS TEXT)`+
		fromConsultations+` WHERE`+readable, a.Account, leadFlag(a)).Scan(&word)
	return word, err
}
