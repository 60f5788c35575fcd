-- A predecessor held the day before its successor took over; the successor holds on the day; and a
-- unit that was merged or absorbed is gone by then (design law 12).
SELECT coalesce(s.predecessor_id, s.successor_id) AS subject,
    s.kind || ' of ' || lower(s.valid) || ': '
        || CASE WHEN NOT before.held THEN 'the predecessor did not hold the day before'
            WHEN NOT on_day.held THEN 'the successor does not hold on the day'
            ELSE 'the predecessor goes on beside its successor' END AS finding
FROM succession_version s
CROSS JOIN LATERAL (
    SELECT s.predecessor_id IS NULL OR EXISTS (
        SELECT FROM division_version v
        WHERE v.division_id = s.predecessor_id AND v.recorded_to IS NULL
            AND v.valid @> (lower(s.valid) - 1)
    ) AS held
) before
CROSS JOIN LATERAL (
    SELECT s.successor_id IS NULL OR EXISTS (
        SELECT FROM division_version v
        WHERE v.division_id = s.successor_id AND v.recorded_to IS NULL
            AND v.valid @> lower(s.valid)
    ) AS held
) on_day
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM division_version v
        WHERE v.division_id = s.predecessor_id AND v.recorded_to IS NULL
            AND v.valid @> lower(s.valid)
    ) AS held
) still
WHERE s.recorded_to IS NULL
    AND (
        NOT before.held OR NOT on_day.held
        OR (
            still.held AND s.kind IN ('merge', 'absorb')
            AND s.predecessor_id IS DISTINCT FROM s.successor_id
        )
    )
