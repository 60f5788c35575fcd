-- A child never outlives its parent, nor begins before it (design law 12).
WITH life AS (
    SELECT division_id, range_agg(valid) AS days
    FROM division_version WHERE recorded_to IS NULL GROUP BY division_id
)
SELECT v.division_id AS subject,
    v.name || ' lies under ' || v.parent_id || ' during ' || v.valid || ', which held '
        || coalesce(life.days::text, 'never') AS finding
FROM division_version v
LEFT JOIN life ON life.division_id = v.parent_id
WHERE v.recorded_to IS NULL AND v.parent_id IS NOT NULL
    AND NOT coalesce(life.days, '{}'::datemultirange) @> v.valid
