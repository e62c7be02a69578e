-- Weights that the bureau has learned from its own questions, beside those that the
-- program carries: one row a time, never changed. Which of them are used is the
-- setting weights, a number; without it, or with 0, those that the program carries.

-- +goose Up
CREATE TABLE weights (
    number   BIGINT PRIMARY KEY,
    form     TEXT NOT NULL,
    ranking  TEXT NOT NULL,
    routing  TEXT NOT NULL,
    trust    TEXT NOT NULL,
    figures  TEXT NOT NULL,
    kept_by  TEXT NOT NULL,
    kept_at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE weights;
