-- The rows of a scope (范围), with the plates (门楼牌) of the doors in it.
--
-- Arguments and answer as in scope_rows_v3. A plate lies in a scope on the days its door does; the
-- identity of one is shown when it has such days, or when the scope is the whole registry.
CREATE OR REPLACE FUNCTION scope_rows_v4(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
WITH
shown AS MATERIALIZED (
    SELECT r.table_name, r.key, r.version_id, r.within
    FROM scope_rows_v3(roots, root_days, kinds, known, only_keys) r
),
door AS (
    SELECT s.key AS address_id, range_agg(s.within) AS days
    FROM shown s
    WHERE s.table_name = 'address_version'
    GROUP BY s.key
),
hung AS MATERIALIZED (
    SELECT v.plate_id, v.version_id, datemultirange(v.valid) * d.days AS within
    FROM door d
    JOIN plate p ON p.address_id = d.address_id
    JOIN plate_version v ON v.plate_id = p.plate_id
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
      AND NOT isempty(datemultirange(v.valid) * d.days)
)
SELECT s.table_name, s.key, s.version_id, s.within FROM shown s
UNION ALL
SELECT 'plate', h.plate_id, NULL, NULL
FROM (SELECT DISTINCT plate_id FROM hung WHERE roots IS NOT NULL OR kinds IS NOT NULL) h
UNION ALL
SELECT 'plate', p.plate_id, NULL, NULL
FROM plate p
WHERE roots IS NULL AND kinds IS NULL AND p.recorded_from <= known
  AND (only_keys IS NULL OR p.address_id = ANY (only_keys))
UNION ALL
SELECT 'plate_version', h.plate_id, h.version_id, h.within FROM hung h
$$
