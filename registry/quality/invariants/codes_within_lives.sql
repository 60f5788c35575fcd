-- A code and a territory end with the unit that bears them.
WITH life AS (
    SELECT division_id, range_agg(valid) AS days
    FROM division_version WHERE recorded_to IS NULL GROUP BY division_id
), borne AS (
    SELECT division_id, valid, 'code ' || code AS what
    FROM division_code_version WHERE recorded_to IS NULL
    UNION ALL
    SELECT division_id, valid, 'territory'
    FROM territory_version WHERE recorded_to IS NULL
)
SELECT borne.division_id AS subject, what || ' during ' || valid || ', but it held '
    || coalesce(life.days::text, 'never') AS finding
FROM borne
LEFT JOIN life USING (division_id)
WHERE NOT coalesce(life.days, '{}'::datemultirange) @> borne.valid
