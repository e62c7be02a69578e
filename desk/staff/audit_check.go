package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// Mark names an entry by its number and hash. Kept outside the database, it
// proves later that nothing up to it was changed or cut off.
type Mark struct {
	Seq  int64
	Hash string
}

// String is the form that ParseMark reads: 1042:5f3a…
func (m Mark) String() string { return fmt.Sprintf("%d:%s", m.Seq, m.Hash) }

// ParseMark reads what Mark.String wrote.
func ParseMark(s string) (Mark, error) {
	var m Mark
	if n, err := fmt.Sscanf(s, "%d:%64s", &m.Seq, &m.Hash); err != nil || n != 2 || m.String() != s {
		return m, apperr.New(apperr.Invalid, "标记要像“1042:5f3a…”（序号:哈希），从以前的核对结果复制。")
	}
	return m, nil
}

// Verdict is what a check of the audit log found.
type Verdict struct {
	Entries int64
	Removed int64  // how many were removed before the first that is kept
	Newest  Mark   // the last entry
	Broken  string // what is wrong, for people; "" when all is well
}

// actionPrune is the action of the entry that PruneAudit leaves: its object
// ends with the mark of the last entry that was removed.
const actionPrune = "audit-prune"

func pruneObject(last Mark) string { return "audit:" + last.String() }

// VerifyAudit reads the whole log and checks that no entry was changed,
// inserted or removed, but by PruneAudit. known is the mark of an earlier
// check, or the zero value: the log must still hold it, which shows that its
// end was not cut off or written anew.
func (s *Store) VerifyAudit(ctx context.Context, by Actor, known Mark) (Verdict, error) {
	if err := by.mayAudit(); err != nil {
		return Verdict{}, err
	}
	c := chain{known: known, pruned: map[string]bool{}}
	err := s.entries(ctx, selectEntry+` ORDER BY seq`, nil, func(e Entry) error {
		c.read(e)
		return nil
	})
	if err != nil {
		return Verdict{}, err
	}
	return c.verdict(), nil
}

// chain is the audit log as far as it was read.
type chain struct {
	known  Mark
	met    bool            // known was among the entries
	pruned map[string]bool // objects of entries of PruneAudit
	cut    Mark            // the entry before the first that is kept
	out    Verdict
}

// read takes the next entry.
func (c *chain) read(e Entry) {
	if c.out.Entries == 0 {
		c.cut = Mark{Seq: e.Seq - 1, Hash: e.Prev}
		c.out.Newest = c.cut
	}
	before := c.out.Newest
	switch {
	case c.out.Broken != "":
	case e.Seq != before.Seq+1:
		c.out.Broken = fmt.Sprintf("第 %d 条之后缺了 %d 条。", before.Seq, e.Seq-before.Seq-1)
	case e.Prev != before.Hash:
		c.out.Broken = fmt.Sprintf("第 %d 条与前一条接不上。", e.Seq)
	case e.Hash != e.fold():
		c.out.Broken = fmt.Sprintf("第 %d 条被改过。", e.Seq)
	}
	if e.Action == actionPrune {
		c.pruned[e.Object] = true
	}
	c.out.Entries++
	c.out.Newest = Mark{Seq: e.Seq, Hash: e.Hash}
	c.met = c.met || c.known == c.out.Newest
}

// verdict judges the log as a whole.
func (c *chain) verdict() Verdict {
	v := c.out
	v.Removed = c.cut.Seq
	switch {
	case v.Broken != "":
	case v.Removed > 0 && !c.pruned[pruneObject(c.cut)]:
		v.Broken = fmt.Sprintf("开头的 %d 条不见了，也没有清理的记录。", v.Removed)
	case c.known.Seq > v.Removed && !c.met:
		v.Broken = fmt.Sprintf("以前核对过的第 %d 条不在了，或与那时不同。", c.known.Seq)
	}
	return v
}

// PruneAudit removes the entries that are older than keep, at least KeepAudit,
// and leaves an entry that says so, to which the rest of the chain is
// anchored. It returns how many were removed.
func (s *Store) PruneAudit(ctx context.Context, by Actor, keep time.Duration) (int64, error) {
	if err := by.mayAudit(); err != nil {
		return 0, err
	}
	if keep < KeepAudit {
		return 0, apperr.New(apperr.Invalid, "审计记录至少要留 180 天。")
	}
	var removed int64
	err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		removed = 0
		// All before the first entry that is young enough; the newest always stays.
		var last Mark
		err := tx.QueryRow(ctx, `SELECT seq, hash FROM audit WHERE seq < COALESCE((SELECT MIN(seq) FROM audit WHERE at >= $1), (SELECT MAX(seq) FROM audit)) ORDER BY seq DESC LIMIT 1`,
			s.now().Add(-keep).UnixMilli()).Scan(&last.Seq, &last.Hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("staff: prune: %w", err)
		}
		if err := Record(ctx, tx, Entry{At: s.now(), Actor: by.Account, Action: actionPrune, Object: pruneObject(last), IP: by.IP}); err != nil {
			return err
		}
		res, err := tx.Exec(ctx, `DELETE FROM audit WHERE seq <= $1`, last.Seq)
		if err != nil {
			return fmt.Errorf("staff: prune: %w", err)
		}
		removed, err = res.RowsAffected()
		return err
	})
	return removed, err
}
