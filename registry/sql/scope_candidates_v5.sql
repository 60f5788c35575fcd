-- The facts whose rows in a scope one change can have altered, with both sides of boundary lines (界线).
--
-- Arguments and answer as in scope_candidates_v4. A line is looked at through the divisions on its
-- sides; where one of them may have moved, the other is needed to tell on which days the line shows.
CREATE OR REPLACE FUNCTION scope_candidates_v5(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
WITH
known AS MATERIALIZED (
    SELECT c.key FROM scope_candidates_v4(change_number, moved) c
),
line AS (
    SELECT line_id FROM boundary_line WHERE recorded_from = change_number
    UNION
    SELECT line_id FROM boundary_line_version
    WHERE recorded_from = change_number OR recorded_to = change_number
    UNION
    SELECT line_id FROM boundary_marker WHERE recorded_from = change_number
    UNION
    SELECT m.line_id
    FROM boundary_marker_version v
    JOIN boundary_marker m ON m.marker_id = v.marker_id
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
    UNION
    SELECT b.line_id FROM known k JOIN boundary_line b ON b.left_id = k.key
    UNION
    SELECT b.line_id FROM known k JOIN boundary_line b ON b.right_id = k.key
)
SELECT k.key FROM known k
UNION
SELECT b.left_id FROM line l JOIN boundary_line b ON b.line_id = l.line_id
UNION
SELECT b.right_id FROM line l JOIN boundary_line b ON b.line_id = l.line_id
$$
