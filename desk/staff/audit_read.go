package staff

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

// KeepAudit is the least time for which entries of the audit log are kept.
const KeepAudit = 180 * 24 * time.Hour

// AuditFilter chooses entries; zero fields choose all.
type AuditFilter struct {
	Actor  string    // account id, "system" or "contact:<id>"
	Action string    // the whole word
	Object string    // how it begins: "consultation:", "account:<id>"
	From   time.Time // inclusive
	Before time.Time // exclusive
	Under  int64     // only entries with a smaller number, for the next page; 0 for all
	Limit  int       // at most; 0 for all
}

// where is the filter as SQL.
func (f AuditFilter) where() (string, []any) {
	cond, args := []string{"seq > 0"}, []any{}
	add := func(text string, arg any) {
		args = append(args, arg)
		cond = append(cond, fmt.Sprintf(text, len(args)))
	}
	if f.Actor != "" {
		add("actor = $%d", f.Actor)
	}
	if f.Action != "" {
		add("action = $%d", f.Action)
	}
	if f.Object != "" { // what begins with it: LIKE would take _ and % for wildcards
		add("substr(object, 1, length($%[1]d)) = $%[1]d", f.Object)
	}
	if !f.From.IsZero() {
		add("at >= $%d", f.From.UnixMilli())
	}
	if !f.Before.IsZero() {
		add("at < $%d", f.Before.UnixMilli())
	}
	if f.Under > 0 {
		add("seq < $%d", f.Under)
	}
	return strings.Join(cond, " AND "), args
}

// mayAudit refuses everybody but auditors (and the command line).
func (a Actor) mayAudit() error {
	if !a.Has(RoleAuditor) && a.Account != CommandLine().Account {
		return apperr.New(apperr.Forbidden, "只有审计员可以查看审计记录。")
	}
	return nil
}

// Audit lists entries, newest first.
func (s *Store) Audit(ctx context.Context, by Actor, f AuditFilter) ([]Entry, error) {
	if err := by.mayAudit(); err != nil {
		return nil, err
	}
	where, args := f.where()
	query := selectEntry + ` WHERE ` + where + ` ORDER BY seq DESC`
	if f.Limit > 0 {
		args = append(args, int64(f.Limit))
		query += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	var out []Entry
	err := s.entries(ctx, query, args, func(e Entry) error {
		out = append(out, e)
		return nil
	})
	return out, err
}

// entries calls fn for each entry of a query.
func (s *Store) entries(ctx context.Context, query string, args []any, fn func(Entry) error) error {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("staff: audit: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("staff: audit: %w", err)
	}
	return nil
}

const selectEntry = `SELECT seq, at, actor, action, object, detail, ip, prev, hash FROM audit`

func scanEntry(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at int64
	if err := rows.Scan(&e.Seq, &at, &e.Actor, &e.Action, &e.Object, &e.Detail, &e.IP, &e.Prev, &e.Hash); err != nil {
		return e, fmt.Errorf("staff: audit: %w", err)
	}
	e.At = time.UnixMilli(at)
	return e, nil
}

// ExportAudit writes the entries of a filter as CSV for a spreadsheet, oldest
// first, with a byte order mark (Excel then reads UTF-8), and notes the export
// in the log. No cell is taken for a formula.
func (s *Store) ExportAudit(ctx context.Context, by Actor, f AuditFilter, w io.Writer) error {
	if err := by.mayAudit(); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return Record(ctx, tx, Entry{At: s.now(), Actor: by.Account, Action: "audit-export", Object: "audit:", IP: by.IP})
	})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"序号", "时间", "谁", "做了什么", "对象", "说明", "地址", "前一条哈希", "本条哈希"}); err != nil {
		return err
	}
	where, args := f.where()
	zone := time.FixedZone("CST", 8*60*60)
	err = s.entries(ctx, selectEntry+` WHERE `+where+` ORDER BY seq`, args, func(e Entry) error {
		return out.Write([]string{fmt.Sprint(e.Seq), e.At.In(zone).Format("2006-01-02 15:04:05.000"), PlainCell(e.Actor), PlainCell(e.Action), PlainCell(e.Object),
			PlainCell(e.Detail), PlainCell(e.IP), e.Prev, e.Hash})
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// PlainCell keeps a spreadsheet from taking a cell for a formula: what begins
// like one, after whatever is not seen, gets an apostrophe before it.
func PlainCell(s string) string {
	seen := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	if first, _ := utf8.DecodeRuneInString(seen); seen != "" && strings.ContainsRune("=+-@|%＝＋－＠", first) || strings.TrimLeft(s, "\t\r\n") != s {
		return "'" + s
	}
	return s
}
