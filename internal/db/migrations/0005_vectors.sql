-- Vectors of texts, from the server of embeddings that the settings name. A text is
-- known by its fingerprint, so a clause that changes is a new text, and one that comes
-- again is not computed twice. model is the model's name and a fingerprint of how its
-- texts are made (prefix, form): another model, or another prefix, is another row.

-- +goose Up
CREATE TABLE vectors (
    model    TEXT NOT NULL,
    text     TEXT NOT NULL,
    vector   TEXT NOT NULL,
    made_at  BIGINT NOT NULL,
    PRIMARY KEY (model, text)
);

-- +goose Down
DROP TABLE vectors;
