-- scope_rows_v1 with the figures of divisions (统计数据): population, households, areas.
--
-- Arguments and answer as there; figures lie in a scope on the days their division does.
CREATE OR REPLACE FUNCTION scope_rows_v2(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
SELECT r.table_name, r.key, r.version_id, r.within
FROM scope_rows_v1(roots, root_days, kinds, known, only_keys) r
UNION ALL
SELECT 'division_statistics_version', v.division_id, v.version_id,
       datemultirange(v.valid) * g.days
FROM (
    SELECT s.division_id,
           CASE WHEN kinds IS NULL THEN s.inside ELSE s.inside * k.days END AS days
    FROM scope_divisions_v1(roots, root_days, known) s
    LEFT JOIN (
        SELECT d.division_id, range_agg(d.valid) AS days
        FROM division_version d
        WHERE kinds IS NOT NULL AND d.kind = ANY (kinds)
          AND d.recorded_from <= known AND (d.recorded_to IS NULL OR d.recorded_to > known)
        GROUP BY d.division_id
    ) k ON k.division_id = s.division_id
    WHERE s.inside IS NOT NULL AND (only_keys IS NULL OR s.division_id = ANY (only_keys))
) g
JOIN division_statistics_version v ON v.division_id = g.division_id AND v.valid && g.days
WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
$$
