-- A unit covers what its members cover, to the square metre, wherever all of their territories are
-- known and of one basis (design law 12: area is conserved). Members are units of its own tree and
-- statutory ones; another tree laid over it covers the ground a second time.
WITH whole AS (
    SELECT t.division_id, t.area_m2, t.basis, d.layer,
        coalesce(lower(t.valid), upper(t.valid) - 1, DATE '2000-01-01') AS on_day
    FROM territory_version t
    JOIN division d USING (division_id)
    WHERE t.recorded_to IS NULL
), parts AS (
    SELECT whole.division_id, whole.on_day, whole.area_m2,
        count(*) AS members, count(t.area_m2) AS known, sum(t.area_m2) AS total
    FROM whole
    JOIN division_version v
        ON v.parent_id = whole.division_id AND v.recorded_to IS NULL AND v.valid @> whole.on_day
    JOIN division d
        ON d.division_id = v.division_id AND d.layer IN (whole.layer, 'statutory')
    LEFT JOIN territory_version t
        ON t.division_id = v.division_id AND t.recorded_to IS NULL AND t.valid @> whole.on_day
        AND t.basis = whole.basis
    GROUP BY whole.division_id, whole.on_day, whole.area_m2
)
SELECT division_id AS subject,
    'covers ' || round(area_m2::numeric) || ' m2 on ' || on_day || ', its members '
        || round(total::numeric) || ' m2' AS finding
FROM parts
WHERE members = known AND abs(area_m2 - total) > greatest(1.0, 1e-9 * total)
