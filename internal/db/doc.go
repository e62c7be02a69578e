// Package db opens the one SQL database, migrates it, and runs transactions.
//
// # One SQL text for two databases
//
// SQLite is the default, PostgreSQL is for production with replicas. Every statement
// of the project runs unchanged on both, and the tests of every package run on both
// (testenv.EachDatabase). That works because the text stays inside what they share:
//
//   - $1, $2 … placeholders; one may be used several times.
//   - RETURNING, ON CONFLICT (…) DO NOTHING / DO UPDATE, common table expressions,
//     CASE, COALESCE, EXISTS, LIMIT $1, window functions.
//   - Ids are TEXT (NewID), times are BIGINT UTC milliseconds from the caller's clock,
//     booleans are INTEGER 0 or 1 (an untyped Go bool does not fit both), enumerations
//     are TEXT with a CHECK.
//   - No now(), no arrays, no JSON operators, no ILIKE (use lower(x) LIKE $1), no
//     INSERT OR REPLACE, no AUTOINCREMENT or SERIAL, no type names beyond TEXT,
//     INTEGER, BIGINT, DOUBLE PRECISION. Bytes travel as base64 TEXT: BLOB and BYTEA
//     are different words. PostgreSQL's TEXT refuses the character U+0000.
//   - String constants in single quotes only: SQLite is opened with double-quoted
//     strings disabled, so a mistake fails on both databases.
//   - PostgreSQL's INTEGER has 32 bits and is strict about the Go type of an argument:
//     pass an int64 or int for numbers, a string for TEXT.
//   - LIKE: SQLite ignores the case of ASCII letters, PostgreSQL does not.
//   - ORDER BY puts NULL first on SQLite and last on PostgreSQL: order by columns that
//     are NOT NULL, or say NULLS FIRST or LAST.
//   - After a failed statement PostgreSQL refuses everything but a rollback. Do not
//     catch a constraint violation inside a transaction: write ON CONFLICT DO NOTHING
//     and look at the row count.
//
// # Transactions
//
// All writing goes through InTx. Its promise is the same on both: the function sees and
// leaves the database as if transactions ran one after another (SQLite has one writer,
// PostgreSQL runs SERIALIZABLE and repeats what collided), and when InTx returns nil
// the change is on disk. The function may run more than once on PostgreSQL, so it must
// not add to variables outside it (assign instead), and it does no network or other slow
// work: on SQLite everyone else waits for it.
//
// On SQLite a disk sync costs about as much as a hundred small writes. So calls that
// arrive while a commit is under way are gathered and committed together: see commit.go.
//
// Inside the function use only its *Tx. DB.Query and DB.InTx on that context fail with
// ErrInsideTx rather than read an older state (SQLite) or block on a second connection.
//
// # Migrations
//
// migrations/NNNN_name.sql, goose format, up and down, one tree for both databases. A
// released migration is never edited; two branches may use any free numbers (goose is
// told to apply late ones). River's tables are migrated by River's own migrations.
package db
