-- What of an answer other enterprises may read that ask alike, as an expert
-- released it; empty until then. An answer may name who asked, in words that no
-- rule finds.

-- +goose Up
ALTER TABLE consultations ADD COLUMN shared TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE consultations DROP COLUMN shared;
