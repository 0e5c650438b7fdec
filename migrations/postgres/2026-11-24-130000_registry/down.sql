DROP TABLE citizen_merges;
DROP TABLE evidence_ends;
DROP TABLE memberships;
DROP TABLE former_numbers;
DROP TABLE citizen_words;
DROP TABLE citizen_versions;
