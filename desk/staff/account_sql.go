package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
)

const selectAccount = `SELECT id, login, name, phone, roles, state, totp, openid, temporary, epoch, created_at, password, password_at, totp_used FROM accounts`

// secrets are the columns of an account that never leave this package.
type secrets struct {
	hash       string
	passwordAt int64
	totp       string
	used       int64 // the last time step of a code
}

func scanAccount(r interface{ Scan(...any) error }) (Account, secrets, error) {
	var a Account
	var k secrets
	var roles, state, openid string
	var temporary int
	var created int64
	err := r.Scan(&a.ID, &a.Login, &a.Name, &a.Phone, &roles, &state, &k.totp, &openid, &temporary, &a.Epoch, &created, &k.hash, &k.passwordAt, &k.used)
	if errors.Is(err, sql.ErrNoRows) {
		return a, k, apperr.Wrap(apperr.NotFound, "没有找到这个账号。", err)
	}
	if err != nil {
		return a, k, fmt.Errorf("staff: account: %w", err)
	}
	a.Roles, a.Active, a.Enrolled, a.Bound, a.Temporary = SplitRoles(roles), state == "active", k.totp != "", openid != "", temporary == 1
	a.CreatedAt = time.UnixMilli(created)
	return a, k, nil
}

// Account is the account with an id, or apperr.NotFound.
func (s *Store) Account(ctx context.Context, id string) (Account, error) {
	a, _, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE id = $1`, id))
	return a, err
}

// AccountOf is the account with a login, or apperr.NotFound.
func (s *Store) AccountOf(ctx context.Context, login string) (Account, error) {
	a, _, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE login = $1`, strings.ToLower(strings.TrimSpace(login))))
	return a, err
}

// Accounts lists all accounts, those that may sign in first.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.db.Query(ctx, selectAccount+` ORDER BY state, login`)
	if err != nil {
		return nil, fmt.Errorf("staff: accounts: %w", err)
	}
	defer rows.Close()
	var out []Account
	for rows.Next() {
		a, _, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func (s *Store) insert(ctx context.Context, tx *db.Tx, id string, p Person, hash string) error {
	now := s.now().UnixMilli()
	res, err := tx.Exec(ctx, `INSERT INTO accounts (id, login, name, phone, password, password_at, temporary, totp, roles, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, '', $7, 'active', $6, $6) ON CONFLICT (login) DO NOTHING`, id, p.Login, p.Name, p.Phone, hash, now, JoinRoles(p.Roles))
	if err != nil {
		return fmt.Errorf("staff: create: %w", err)
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return apperr.New(apperr.Conflict, "账号“"+p.Login+"”已经有了，请换一个。")
	}
	return err
}

// change runs fn in a transaction with the account as it is there.
func (s *Store) change(ctx context.Context, id string, fn func(context.Context, *db.Tx, Account) error) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, _, err := scanAccount(tx.QueryRow(ctx, selectAccount+` WHERE id = $1`, id))
		if err != nil {
			return err
		}
		return fn(ctx, tx, a)
	})
}

// update sets columns of an account; set numbers its arguments from $2.
func (s *Store) update(ctx context.Context, tx *db.Tx, id, set string, args ...any) error {
	args = append(append([]any{id}, args...), s.now().UnixMilli())
	query := fmt.Sprintf(`UPDATE accounts SET %s, updated_at = $%d WHERE id = $1`, set, len(args))
	if _, err := tx.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("staff: change: %w", err)
	}
	return nil
}

// keepsAdministrator refuses a change after which nobody could manage accounts.
func (s *Store) keepsAdministrator(ctx context.Context, tx *db.Tx) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM accounts WHERE state = 'active' AND (' ' || roles || ' ') LIKE $1`, "% "+string(RoleAdministrator)+" %").Scan(&n)
	if err != nil {
		return fmt.Errorf("staff: administrators: %w", err)
	}
	if n == 0 {
		return apperr.New(apperr.Conflict, "这是最后一位管理员，不能停用或去掉管理员角色。请先给别人这个角色。")
	}
	return nil
}
