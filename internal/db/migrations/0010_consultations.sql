-- Hard questions reach the experts: who asks (enterprises), who answers (staff),
-- the consultation with its thread, and how answers get back (deliveries).
-- Consultations, their events and deliveries are made anew, because their states
-- grow and neither database changes a CHECK in place.

-- +goose Up

-- Enterprises -----------------------------------------------------------------

CREATE TABLE enterprises (
    id          TEXT PRIMARY KEY,
    code        TEXT NOT NULL UNIQUE,             -- 统一社会信用代码, GB 32100
    name        TEXT NOT NULL,
    industry    TEXT NOT NULL,                    -- GB/T 4754 code, '' if not said
    county      TEXT NOT NULL,
    permit      TEXT NOT NULL CHECK (permit IN ('', 'key', 'simplified', 'registered', 'none')),
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

ALTER TABLE contacts ADD COLUMN enterprise_id TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN position TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN agreed_at BIGINT NOT NULL DEFAULT 0;      -- to the notice on personal data
ALTER TABLE contacts ADD COLUMN agreed_notice TEXT NOT NULL DEFAULT '';   -- fingerprint of the text agreed to

-- Staff -----------------------------------------------------------------------

CREATE TABLE accounts (
    id             TEXT PRIMARY KEY,
    login          TEXT NOT NULL UNIQUE,          -- lower case
    name           TEXT NOT NULL,
    phone          TEXT NOT NULL,
    password       TEXT NOT NULL,                 -- argon2id, '' until it is set
    password_at    BIGINT NOT NULL,
    totp           TEXT NOT NULL,                 -- secret, '' until enrolled
    totp_used      BIGINT NOT NULL DEFAULT 0,     -- last time step that was accepted: a code works once
    openid         TEXT NOT NULL DEFAULT '',      -- the bound WeChat user, '' if none
    roles          TEXT NOT NULL,                 -- words parted by spaces, sorted
    state          TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    epoch          BIGINT NOT NULL DEFAULT 0,     -- raised to end all sessions
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_by_openid ON accounts (openid) WHERE openid <> '';

CREATE TABLE advisory_groups (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    topics      TEXT NOT NULL,                    -- words parted by spaces
    off         INTEGER NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id    TEXT NOT NULL REFERENCES advisory_groups(id),
    account_id  TEXT NOT NULL REFERENCES accounts(id),
    leads       INTEGER NOT NULL,
    PRIMARY KEY (group_id, account_id)
);

CREATE TABLE experts (
    account_id  TEXT PRIMARY KEY REFERENCES accounts(id),
    topics      TEXT NOT NULL,                    -- words parted by spaces
    industries  TEXT NOT NULL,                    -- GB/T 4754 codes or their beginnings
    counties    TEXT NOT NULL,                    -- '' for all
    hours       TEXT NOT NULL,                    -- JSON, worktime.Week; '' for the bureau's
    load_limit  INTEGER NOT NULL,                 -- most consultations at a time
    updated_at  BIGINT NOT NULL
);

CREATE TABLE leaves (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL REFERENCES accounts(id),
    day_from    TEXT NOT NULL,                    -- 2026-11-25, inclusive
    day_to      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX leaves_by_account ON leaves (account_id, day_to);

CREATE TABLE recusals (
    account_id  TEXT NOT NULL REFERENCES accounts(id),
    code        TEXT NOT NULL,                    -- of the enterprise
    reason      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, code)
);

-- The audit log: append-only, each row carries the hash of the row before.
CREATE TABLE audit (
    seq     BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,                        -- account id, 'contact:<id>' or 'system'
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,                        -- 'consultation:<id>', 'account:<id>' …
    detail  TEXT NOT NULL,
    ip      TEXT NOT NULL,
    prev    TEXT NOT NULL,
    hash    TEXT NOT NULL
);
CREATE INDEX audit_by_object ON audit (object, seq);
CREATE INDEX audit_by_time ON audit (at);

-- What administrators set for the desk: the notice, deadlines, words that need a second signature …
CREATE TABLE desk_settings (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  BIGINT NOT NULL
);

-- Consultations -----------------------------------------------------------------

CREATE TABLE consultations_new (
    id             TEXT PRIMARY KEY,
    number         TEXT NOT NULL UNIQUE,
    contact_id     TEXT NOT NULL REFERENCES contacts(id),
    enterprise_id  TEXT NOT NULL DEFAULT '',      -- as the contact was bound when it was made
    inbound_id     TEXT NOT NULL UNIQUE,
    question       TEXT NOT NULL,
    context        TEXT NOT NULL,
    reason         TEXT NOT NULL CHECK (reason IN ('requested', 'abstained', 'person', 'material', 'useless')),
    topic          TEXT NOT NULL DEFAULT '',
    urgency        TEXT NOT NULL DEFAULT 'normal' CHECK (urgency IN ('normal', 'urgent')),
    group_id       TEXT NOT NULL DEFAULT '',
    expert_id      TEXT NOT NULL DEFAULT '',      -- the account that holds it
    routed         TEXT NOT NULL DEFAULT '',      -- why this group and expert, for people
    state          TEXT NOT NULL CHECK (state IN ('new', 'assigned', 'answering', 'waiting', 'review', 'answered', 'closed', 'reopened')),
    accept_due     BIGINT NOT NULL DEFAULT 0,     -- 0: no clock runs
    answer_due     BIGINT NOT NULL DEFAULT 0,
    paused_at      BIGINT NOT NULL DEFAULT 0,     -- since when the clock rests (waiting for the enterprise)
    warned_at      BIGINT NOT NULL DEFAULT 0,
    escalated_at   BIGINT NOT NULL DEFAULT 0,
    answered_at    BIGINT NOT NULL DEFAULT 0,
    closed_at      BIGINT NOT NULL DEFAULT 0,
    rating         INTEGER NOT NULL DEFAULT 0,    -- 1 to 5, 0 if not rated
    rating_word    TEXT NOT NULL DEFAULT '',
    rated_at       BIGINT NOT NULL DEFAULT 0,
    version        BIGINT NOT NULL DEFAULT 0,     -- raised by every change: guards against a stale page
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
INSERT INTO consultations_new (id, number, contact_id, inbound_id, question, context, reason, state, created_at, updated_at)
    SELECT id, number, contact_id, inbound_id, question, context, reason, state, created_at, updated_at FROM consultations;

CREATE TABLE consultation_events_new (
    id               TEXT PRIMARY KEY,
    consultation_id  TEXT NOT NULL REFERENCES consultations_new(id),
    actor            TEXT NOT NULL,
    state_from       TEXT NOT NULL,
    state_to         TEXT NOT NULL,
    reason           TEXT NOT NULL,
    at               BIGINT NOT NULL
);
INSERT INTO consultation_events_new SELECT id, consultation_id, actor, state_from, state_to, reason, at FROM consultation_events;
DROP TABLE consultation_events;
DROP TABLE consultations;
ALTER TABLE consultations_new RENAME TO consultations;
ALTER TABLE consultation_events_new RENAME TO consultation_events;
CREATE INDEX consultations_by_contact ON consultations (contact_id, created_at);
CREATE INDEX consultations_by_expert ON consultations (expert_id, state);
CREATE INDEX consultations_by_group ON consultations (group_id, state);
CREATE INDEX consultations_by_state ON consultations (state, answer_due);
CREATE INDEX consultation_events_by_consultation ON consultation_events (consultation_id, at);

-- Colleagues who study a consultation together with the expert who holds it.
CREATE TABLE participants (
    consultation_id  TEXT NOT NULL REFERENCES consultations(id),
    account_id       TEXT NOT NULL REFERENCES accounts(id),
    invited_by       TEXT NOT NULL,
    at               BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, account_id)
);

-- The thread: what was said, by whom, in order.
CREATE TABLE posts (
    id               TEXT PRIMARY KEY,            -- sorts by time
    consultation_id  TEXT NOT NULL REFERENCES consultations(id),
    kind             TEXT NOT NULL CHECK (kind IN ('word', 'ask', 'answer', 'note')),
    author           TEXT NOT NULL,               -- account id, or 'contact'
    body             TEXT NOT NULL,
    citations        TEXT NOT NULL,               -- JSON list of desk.Cited
    signed_by        TEXT NOT NULL DEFAULT '',    -- second signature, account id
    inbound_id       TEXT NOT NULL DEFAULT '',    -- of the message that said it
    at               BIGINT NOT NULL
);
CREATE INDEX posts_by_consultation ON posts (consultation_id, at, id);
CREATE UNIQUE INDEX posts_by_inbound ON posts (inbound_id) WHERE inbound_id <> '';

CREATE TABLE attachments (
    id               TEXT PRIMARY KEY,
    contact_id       TEXT NOT NULL REFERENCES contacts(id),
    inbound_id       TEXT NOT NULL DEFAULT '',
    consultation_id  TEXT NOT NULL DEFAULT '',
    post_id          TEXT NOT NULL DEFAULT '',
    kind             TEXT NOT NULL CHECK (kind IN ('image', 'voice', 'video', 'file', 'location')),
    media_id         TEXT NOT NULL,               -- at the platform, '' for an upload
    name             TEXT NOT NULL,
    type             TEXT NOT NULL,               -- as found in the bytes
    size             BIGINT NOT NULL,
    sha256           TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('fetching', 'kept', 'refused', 'lost', 'erased')),
    problem          TEXT NOT NULL,
    at               BIGINT NOT NULL
);
CREATE INDEX attachments_by_consultation ON attachments (consultation_id, at);
CREATE INDEX attachments_by_contact ON attachments (contact_id, at);
CREATE INDEX attachments_by_inbound ON attachments (inbound_id);

-- What an expert is writing; survives a closed browser.
CREATE TABLE drafts (
    consultation_id  TEXT NOT NULL REFERENCES consultations(id),
    account_id       TEXT NOT NULL REFERENCES accounts(id),
    body             TEXT NOT NULL,
    citations        TEXT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (consultation_id, account_id)
);

-- Answers that need a second signature.
CREATE TABLE reviews (
    id               TEXT PRIMARY KEY,
    consultation_id  TEXT NOT NULL REFERENCES consultations(id),
    author           TEXT NOT NULL REFERENCES accounts(id),
    body             TEXT NOT NULL,
    citations        TEXT NOT NULL,
    why              TEXT NOT NULL,               -- which words or topic ask for the signature
    state            TEXT NOT NULL CHECK (state IN ('pending', 'signed', 'returned', 'withdrawn')),
    reviewer         TEXT NOT NULL DEFAULT '',
    remark           TEXT NOT NULL DEFAULT '',
    created_at       BIGINT NOT NULL,
    decided_at       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX reviews_by_consultation ON reviews (consultation_id, created_at);

CREATE TABLE canned_replies (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,                    -- '' for everybody's
    title       TEXT NOT NULL,
    body        TEXT NOT NULL,
    updated_at  BIGINT NOT NULL
);

-- Deliveries ----------------------------------------------------------------------

CREATE TABLE deliveries_new (
    id               TEXT PRIMARY KEY,
    contact_id       TEXT NOT NULL REFERENCES contacts(id),
    consultation_id  TEXT NOT NULL DEFAULT '',
    cause            TEXT NOT NULL UNIQUE,
    body             TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'waiting', 'read', 'failed', 'erased')),
    way              TEXT NOT NULL DEFAULT '',    -- passive, custom, template, page: how it went
    receipt          TEXT NOT NULL DEFAULT '',    -- the platform's msgid of a template message
    said             BIGINT NOT NULL DEFAULT 0,   -- bytes of its text that have been said
    rest             BIGINT NOT NULL DEFAULT 0,   -- bytes that are a tap away
    problem          TEXT NOT NULL DEFAULT '',
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);
INSERT INTO deliveries_new (id, contact_id, cause, body, state, problem, created_at, updated_at)
    SELECT id, contact_id, cause, body, state, problem, created_at, updated_at FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_new RENAME TO deliveries;
CREATE INDEX deliveries_by_contact ON deliveries (contact_id, state, created_at);
CREATE INDEX deliveries_by_consultation ON deliveries (consultation_id, created_at);
CREATE INDEX deliveries_by_receipt ON deliveries (receipt);
CREATE INDEX deliveries_by_state ON deliveries (state, updated_at);

-- +goose Down
DROP TABLE canned_replies;
DROP TABLE reviews;
DROP TABLE drafts;
DROP TABLE attachments;
DROP TABLE posts;
DROP TABLE participants;

CREATE TABLE deliveries_old (
    id          TEXT PRIMARY KEY,
    contact_id  TEXT NOT NULL REFERENCES contacts(id),
    cause       TEXT NOT NULL UNIQUE,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'waiting', 'failed', 'erased')),
    problem     TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
INSERT INTO deliveries_old SELECT id, contact_id, cause, body, CASE state WHEN 'read' THEN 'sent' ELSE state END, problem, created_at, updated_at FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_old RENAME TO deliveries;
CREATE INDEX deliveries_by_contact ON deliveries (contact_id, state, created_at);

CREATE TABLE consultations_old (
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
INSERT INTO consultations_old SELECT id, number, contact_id, inbound_id, question, context, CASE reason WHEN 'useless' THEN 'requested' ELSE reason END,
    CASE state WHEN 'closed' THEN 'closed' ELSE 'new' END, created_at, updated_at FROM consultations;
CREATE TABLE consultation_events_old (
    id               TEXT PRIMARY KEY,
    consultation_id  TEXT NOT NULL REFERENCES consultations_old(id),
    actor            TEXT NOT NULL,
    state_from       TEXT NOT NULL,
    state_to         TEXT NOT NULL,
    reason           TEXT NOT NULL,
    at               BIGINT NOT NULL
);
INSERT INTO consultation_events_old SELECT id, consultation_id, actor, state_from, state_to, reason, at FROM consultation_events;
DROP TABLE consultation_events;
DROP TABLE consultations;
ALTER TABLE consultations_old RENAME TO consultations;
ALTER TABLE consultation_events_old RENAME TO consultation_events;
CREATE INDEX consultations_by_contact ON consultations (contact_id, created_at);
CREATE INDEX consultation_events_by_consultation ON consultation_events (consultation_id, at);

DROP TABLE desk_settings;
DROP TABLE audit;
DROP TABLE recusals;
DROP TABLE leaves;
DROP TABLE experts;
DROP TABLE group_members;
DROP TABLE advisory_groups;
DROP TABLE accounts;
ALTER TABLE contacts DROP COLUMN agreed_notice;
ALTER TABLE contacts DROP COLUMN agreed_at;
ALTER TABLE contacts DROP COLUMN phone;
ALTER TABLE contacts DROP COLUMN position;
ALTER TABLE contacts DROP COLUMN name;
ALTER TABLE contacts DROP COLUMN enterprise_id;
DROP TABLE enterprises;
