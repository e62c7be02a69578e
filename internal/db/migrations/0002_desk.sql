-- What people do for each other: contacts, the messages that came in, the
-- consultations handed to experts, and the messages owed to people.

-- +goose Up
CREATE TABLE contacts (
    id              TEXT PRIMARY KEY,
    openid          TEXT NOT NULL UNIQUE,
    followed        INTEGER NOT NULL,
    first_seen      BIGINT NOT NULL,
    last_seen       BIGINT NOT NULL
);

-- Who has left, as a fingerprint, so that a message sent before the leave and
-- delivered after it does not bring the person's data back.
CREATE TABLE departures (
    fingerprint  TEXT PRIMARY KEY,
    at           BIGINT NOT NULL
);

CREATE TABLE inbound (
    id           TEXT PRIMARY KEY,
    dedupe       TEXT NOT NULL UNIQUE,
    contact_id   TEXT NOT NULL REFERENCES contacts(id),
    kind         TEXT NOT NULL,
    content      TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('received', 'answered', 'owed', 'erased')),
    reply        TEXT NOT NULL DEFAULT '',
    attempts     INTEGER NOT NULL DEFAULT 0,
    lease_until  BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    answered_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inbound_by_contact ON inbound (contact_id, received_at);
CREATE INDEX inbound_open ON inbound (state, lease_until);

CREATE TABLE consultations (
    id          TEXT PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    contact_id  TEXT NOT NULL REFERENCES contacts(id),
    inbound_id  TEXT NOT NULL UNIQUE,
    question    TEXT NOT NULL,
    context     TEXT NOT NULL,
    reason      TEXT NOT NULL CHECK (reason IN ('requested', 'abstained', 'person', 'material')),
    state       TEXT NOT NULL CHECK (state IN ('new', 'closed')),
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX consultations_by_contact ON consultations (contact_id, created_at);

CREATE TABLE consultation_events (
    id               TEXT PRIMARY KEY,
    consultation_id  TEXT NOT NULL REFERENCES consultations(id),
    actor            TEXT NOT NULL,
    state_from       TEXT NOT NULL,
    state_to         TEXT NOT NULL,
    reason           TEXT NOT NULL,
    at               BIGINT NOT NULL
);
CREATE INDEX consultation_events_by_consultation ON consultation_events (consultation_id, at);

CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    contact_id  TEXT NOT NULL REFERENCES contacts(id),
    cause       TEXT NOT NULL UNIQUE,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'waiting', 'failed', 'erased')),
    problem     TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX deliveries_by_contact ON deliveries (contact_id, state, created_at);

CREATE TABLE feedback (
    id          TEXT PRIMARY KEY,
    inbound_id  TEXT NOT NULL UNIQUE,
    contact_id  TEXT NOT NULL REFERENCES contacts(id),
    verdict     TEXT NOT NULL CHECK (verdict IN ('useful', 'useless', 'comment')),
    question    TEXT NOT NULL,
    clauses     TEXT NOT NULL,
    comment     TEXT NOT NULL,
    at          BIGINT NOT NULL
);

CREATE TABLE counters (
    name   TEXT PRIMARY KEY,
    value  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE counters;
DROP TABLE feedback;
DROP TABLE deliveries;
DROP TABLE consultation_events;
DROP TABLE consultations;
DROP TABLE inbound;
DROP TABLE departures;
DROP TABLE contacts;
