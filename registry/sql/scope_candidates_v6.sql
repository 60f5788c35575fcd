-- The facts whose rows in a scope one change can have altered, with segments (界线段) and landmarks (方位物).
--
-- Arguments and answer as in scope_candidates_v5: both are looked at through the divisions on the
-- sides of their line.
CREATE OR REPLACE FUNCTION scope_candidates_v6(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
WITH
line AS (
    SELECT line_id FROM boundary_segment_version
    WHERE recorded_from = change_number OR recorded_to = change_number
    UNION
    SELECT m.line_id
    FROM marker_landmark_version v
    JOIN boundary_marker m ON m.marker_id = v.marker_id
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
)
SELECT c.key FROM scope_candidates_v5(change_number, moved) c
UNION
SELECT b.left_id FROM line l JOIN boundary_line b ON b.line_id = l.line_id
UNION
SELECT b.right_id FROM line l JOIN boundary_line b ON b.line_id = l.line_id
$$
