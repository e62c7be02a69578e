-- Facts the program keeps about itself (a salt, the time of the last sweep). Numbered
-- 0003 because goose knows no version 0 and 0001 and 0002 belong to knowledge and desk.

-- +goose Up
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE settings;
