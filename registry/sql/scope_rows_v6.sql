-- The rows of a scope (范围), with the segments (界线段) of its lines and the landmarks (方位物) of its markers.
--
-- Arguments and answer as in scope_rows_v5. A segment lies in a scope on the days its line does, a
-- landmark on the days its marker does.
CREATE OR REPLACE FUNCTION scope_rows_v6(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
WITH
shown AS MATERIALIZED (
    SELECT r.table_name, r.key, r.version_id, r.within
    FROM scope_rows_v5(roots, root_days, kinds, known, only_keys) r
),
line AS (
    SELECT s.key AS line_id, range_agg(s.within) AS days
    FROM shown s
    WHERE s.table_name = 'boundary_line_version'
    GROUP BY s.key
),
marker AS (
    SELECT s.key AS marker_id, range_agg(s.within) AS days
    FROM shown s
    WHERE s.table_name = 'boundary_marker_version'
    GROUP BY s.key
)
SELECT s.table_name, s.key, s.version_id, s.within FROM shown s
UNION ALL
SELECT 'boundary_segment_version', v.segment_id, v.version_id, datemultirange(v.valid) * l.days
FROM line l
JOIN boundary_segment_version v ON v.line_id = l.line_id
WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
  AND NOT isempty(datemultirange(v.valid) * l.days)
UNION ALL
SELECT 'marker_landmark_version', v.landmark_id, v.version_id, datemultirange(v.valid) * m.days
FROM marker m
JOIN marker_landmark_version v ON v.marker_id = m.marker_id
WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
  AND NOT isempty(datemultirange(v.valid) * m.days)
$$
