-- The whole view. A table named after an event keeps one row an event; a column named after one of its fields holds it.
-- So `case_decided_v1` fills itself from `case-decided.v1`, and `days_chosen_v1` from the event `days-chosen.v1` of a
-- service. Beside its own fields an event has: position, event_id, authority, service, channel, subject (the case),
-- by, recorded_at. Lists and structures are kept as JSON; personal texts are sealed, and of no use here.

CREATE TABLE IF NOT EXISTS case_opened_v1 (
    position INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    occurred_at TEXT NOT NULL,
    service TEXT NOT NULL,
    channel TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS case_decided_v1 (
    position INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS interaction_recorded_v1 (
    position INTEGER PRIMARY KEY,
    interaction_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    channel TEXT NOT NULL,
    direction TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS interaction_corrected_v1 (
    position INTEGER PRIMARY KEY,
    interaction_id TEXT NOT NULL,
    channel TEXT
);

CREATE INDEX IF NOT EXISTS decisions_of_a_case ON case_decided_v1 (case_id);
CREATE INDEX IF NOT EXISTS corrections_of_a_contact ON interaction_corrected_v1 (interaction_id);

-- What may be asked, each a query with a name.

CREATE VIEW IF NOT EXISTS contacts_by_channel AS
SELECT channel, count(*) AS contacts, count(DISTINCT case_id) AS cases
FROM (
    SELECT
        recorded.case_id,
        coalesce(
            (
                SELECT corrected.channel
                FROM interaction_corrected_v1 AS corrected
                WHERE corrected.interaction_id = recorded.interaction_id AND corrected.channel IS NOT NULL
                ORDER BY corrected.position DESC
                LIMIT 1
            ),
            recorded.channel
        ) AS channel
    FROM interaction_recorded_v1 AS recorded
)
GROUP BY channel
ORDER BY contacts DESC, channel;

CREATE VIEW IF NOT EXISTS days_to_first_decision AS
SELECT
    opened.service,
    count(*) AS decided,
    round(avg(julianday(first.occurred_at) - julianday(opened.occurred_at)), 1) AS days
FROM case_opened_v1 AS opened
INNER JOIN (
    SELECT case_id, min(occurred_at) AS occurred_at FROM case_decided_v1 GROUP BY case_id
) AS first ON first.case_id = opened.case_id
GROUP BY opened.service
ORDER BY opened.service;
