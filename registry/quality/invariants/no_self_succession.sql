-- A unit follows itself only where it lives through the day of the act (design law 12).
SELECT s.predecessor_id AS subject,
    'succeeds itself on ' || lower(s.valid) || ' (' || s.kind || ') without living through it' AS finding
FROM succession_version s
WHERE s.recorded_to IS NULL AND s.predecessor_id = s.successor_id
    AND (
        NOT EXISTS (
            SELECT FROM division_version v
            WHERE v.division_id = s.predecessor_id AND v.recorded_to IS NULL
                AND v.valid @> (lower(s.valid) - 1)
        )
        OR NOT EXISTS (
            SELECT FROM division_version v
            WHERE v.division_id = s.predecessor_id AND v.recorded_to IS NULL
                AND v.valid @> lower(s.valid)
        )
    )
