-- A password that an administrator gave out: it opens only the page where its
-- owner sets another, and not for ever.

-- +goose Up
ALTER TABLE accounts ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE accounts DROP COLUMN temporary;
