-- A line and the territories on its sides agree: every stretch of it runs along the edge of both, to a
-- millimetre (domain.md section 4: a line has exactly two sides, one edit changes both).
WITH held AS (
    SELECT b.line_id, b.left_id, b.right_id, v.course,
        coalesce(lower(v.valid), upper(v.valid) - 1, DATE '2000-01-01') AS on_day
    FROM boundary_line b
    JOIN boundary_line_version v ON v.line_id = b.line_id AND v.recorded_to IS NULL
)
SELECT held.line_id AS subject,
    'does not run along the edge of division ' || side.division_id || ' on ' || held.on_day AS finding
FROM held
CROSS JOIN LATERAL (VALUES (held.left_id), (held.right_id)) AS side (division_id)
JOIN territory_version t
    ON t.division_id = side.division_id AND t.recorded_to IS NULL AND t.valid @> held.on_day
WHERE NOT ST_Covers(ST_Buffer(ST_Boundary(t.territory), 1e-8), held.course)
