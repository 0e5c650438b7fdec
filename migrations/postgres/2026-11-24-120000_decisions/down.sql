DROP INDEX decisions_by_citizen;
CREATE INDEX decisions_by_citizen ON decisions (citizen_id);
DROP TABLE outbox_events;
DROP TABLE appeal_outcomes;
DROP TABLE appeals;
DROP TABLE supersessions;
DROP TABLE policy_packs;
