-- No division lies inside itself, on any day (design law 12).
WITH RECURSIVE above(division_id, current_id, valid, depth) AS (
    SELECT division_id, parent_id, valid, 1
    FROM division_version
    WHERE recorded_to IS NULL AND parent_id IS NOT NULL
    UNION
    SELECT above.division_id, v.parent_id, above.valid * v.valid, above.depth + 1
    FROM above
    JOIN division_version v
        ON v.division_id = above.current_id AND v.recorded_to IS NULL
        AND v.parent_id IS NOT NULL AND v.valid && above.valid
    WHERE above.current_id <> above.division_id AND above.depth < 12
)
SELECT DISTINCT division_id AS subject, 'lies inside itself during ' || valid AS finding
FROM above
WHERE current_id = division_id OR depth = 12
