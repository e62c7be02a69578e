-- What curators have changed of the lexicon that the program carries: an entry takes
-- the place of all that the program has of its term; one that is off takes it out.

-- +goose Up
CREATE TABLE lexicon (
    term_key    TEXT PRIMARY KEY,
    term        TEXT NOT NULL,
    means       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    off         INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE lexicon;
