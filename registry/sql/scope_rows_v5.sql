-- The rows of a scope (范围), with the boundary lines (界线) inside it and their markers (界桩).
--
-- Arguments and answer as in scope_rows_v4. A line lies in a scope on the days both of its sides do,
-- so that whoever holds the line holds what it refers to; a marker on the days its line does.
CREATE OR REPLACE FUNCTION scope_rows_v5(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
WITH
shown AS MATERIALIZED (
    SELECT r.table_name, r.key, r.version_id, r.within
    FROM scope_rows_v4(roots, root_days, kinds, known, only_keys) r
),
side AS MATERIALIZED (
    SELECT s.key AS division_id, range_agg(s.within) AS days
    FROM shown s
    WHERE s.table_name = 'division_version'
    GROUP BY s.key
),
line AS MATERIALIZED (
    SELECT v.line_id, v.version_id, datemultirange(v.valid) * l.days * r.days AS within
    FROM side l
    JOIN boundary_line b ON b.left_id = l.division_id
    JOIN side r ON r.division_id = b.right_id
    JOIN boundary_line_version v ON v.line_id = b.line_id
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
      AND NOT isempty(datemultirange(v.valid) * l.days * r.days)
),
line_days AS (
    SELECT line_id, range_agg(within) AS days FROM line GROUP BY line_id
),
marker AS MATERIALIZED (
    SELECT v.marker_id, v.version_id, datemultirange(v.valid) * d.days AS within
    FROM line_days d
    JOIN boundary_marker m ON m.line_id = d.line_id
    JOIN boundary_marker_version v ON v.marker_id = m.marker_id
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
      AND NOT isempty(datemultirange(v.valid) * d.days)
)
SELECT s.table_name, s.key, s.version_id, s.within FROM shown s
UNION ALL
SELECT 'boundary_line', l.line_id, NULL, NULL
FROM (SELECT DISTINCT line_id FROM line WHERE roots IS NOT NULL OR kinds IS NOT NULL) l
UNION ALL
SELECT 'boundary_line', b.line_id, NULL, NULL
FROM boundary_line b
WHERE roots IS NULL AND kinds IS NULL AND b.recorded_from <= known
  AND (only_keys IS NULL OR b.left_id = ANY (only_keys) OR b.right_id = ANY (only_keys))
UNION ALL
SELECT 'boundary_line_version', l.line_id, l.version_id, l.within FROM line l
UNION ALL
SELECT 'boundary_marker', m.marker_id, NULL, NULL
FROM (SELECT DISTINCT marker_id FROM marker WHERE roots IS NOT NULL OR kinds IS NOT NULL) m
UNION ALL
SELECT 'boundary_marker', m.marker_id, NULL, NULL
FROM boundary_marker m
JOIN boundary_line b ON b.line_id = m.line_id
WHERE roots IS NULL AND kinds IS NULL AND m.recorded_from <= known
  AND (only_keys IS NULL OR b.left_id = ANY (only_keys) OR b.right_id = ANY (only_keys))
UNION ALL
SELECT 'boundary_marker_version', m.marker_id, m.version_id, m.within FROM marker m
$$
