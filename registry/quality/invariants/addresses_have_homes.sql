-- An address belongs to a division that holds all the while.
WITH life AS (
    SELECT division_id, range_agg(valid) AS days
    FROM division_version WHERE recorded_to IS NULL GROUP BY division_id
)
SELECT a.address_id AS subject,
    'belongs to ' || a.division_id || ' during ' || a.valid || ', which held '
        || coalesce(life.days::text, 'never') AS finding
FROM address_version a
LEFT JOIN life USING (division_id)
WHERE a.recorded_to IS NULL AND NOT coalesce(life.days, '{}'::datemultirange) @> a.valid
