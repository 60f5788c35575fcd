-- scope_rows_v2 with dual-name windows (新旧地名并用期) and amendments (what later changes say of earlier).
--
-- Arguments and answer as there. A window lies in a scope on the days its division does. An amendment
-- speaks of a change, and rows of any place may name that change as theirs: every scope shows every
-- amendment, unless kinds are asked for, since it is of none. only_keys takes their ids too.
CREATE OR REPLACE FUNCTION scope_rows_v3(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
SELECT r.table_name, r.key, r.version_id, r.within
FROM scope_rows_v2(roots, root_days, kinds, known, only_keys) r
UNION ALL
SELECT 'dual_name_version', w.dual_name_id, w.version_id, datemultirange(w.valid) * g.days
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
JOIN dual_name_version w ON w.division_id = g.division_id AND w.valid && g.days
WHERE w.recorded_from <= known AND (w.recorded_to IS NULL OR w.recorded_to > known)
UNION ALL
SELECT 'amendment_version', a.amendment_id, a.version_id, datemultirange(a.valid)
FROM amendment_version a
WHERE kinds IS NULL AND (only_keys IS NULL OR a.amendment_id = ANY (only_keys))
  AND a.recorded_from <= known AND (a.recorded_to IS NULL OR a.recorded_to > known)
$$
