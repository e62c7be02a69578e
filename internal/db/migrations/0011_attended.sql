-- When a lead has looked into a rating of one or two stars; 0 until then. A new
-- rating sets it back.

-- +goose Up
ALTER TABLE consultations ADD COLUMN attended_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE consultations DROP COLUMN attended_at;
