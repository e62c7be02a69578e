-- A text that was recognised from a scan is to be compared with the original: why, in
-- Chinese, '' when there is no need.

-- +goose Up
ALTER TABLE versions ADD COLUMN to_check TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE versions DROP COLUMN to_check;
