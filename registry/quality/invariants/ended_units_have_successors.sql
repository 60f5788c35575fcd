-- Every ended unit has a successor, or says that and why it has none (design law 12).
WITH ended AS (
    SELECT division_id, max(upper(valid)) AS ended_on
    FROM division_version WHERE recorded_to IS NULL
    GROUP BY division_id
    HAVING bool_and(upper(valid) IS NOT NULL)
)
SELECT ended.division_id AS subject, 'ended on ' || ended_on || ' and nothing says what follows' AS finding
FROM ended
WHERE NOT EXISTS (
    SELECT FROM succession_version s
    WHERE s.recorded_to IS NULL AND s.predecessor_id = ended.division_id
        AND lower(s.valid) = ended.ended_on
        AND (s.successor_id IS NOT NULL OR s.note IS NOT NULL)
)
