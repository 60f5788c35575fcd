-- The divisions of a scope (范围), each with the days on which it lies inside, after change `known`.
--
-- roots, root_days: the divisions the scope is made of and the days each counts for; roots null:
--     the whole registry, every division on every day.
-- inside: days on which the division is a root or lies below one; null when it only stands above.
-- around: `inside`, and the days on which it stands above something inside, so that the full text
--     of everything inside can be composed.
CREATE OR REPLACE FUNCTION scope_divisions_v1(roots uuid[], root_days daterange[], known bigint)
RETURNS TABLE (division_id uuid, inside datemultirange, around datemultirange)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH RECURSIVE
root AS (
    SELECT r.division_id, r.days FROM unnest(roots, root_days) AS r (division_id, days)
),
beneath AS (
    SELECT division_id, days FROM root
    UNION
    SELECT v.division_id, v.valid * b.days
    FROM beneath b
    JOIN division_version v ON v.parent_id = b.division_id AND v.valid && b.days
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
),
above AS (
    -- What is inside has its parents inside up to a root, so the way up begins at the roots.
    SELECT division_id, days FROM root
    UNION
    SELECT v.parent_id, v.valid * a.days
    FROM above a
    JOIN division_version v ON v.division_id = a.division_id AND v.valid && a.days
    WHERE v.parent_id IS NOT NULL
      AND v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
)
SELECT d.division_id, '{(,)}'::datemultirange, '{(,)}'::datemultirange
FROM division d
WHERE roots IS NULL AND d.recorded_from <= known
UNION ALL
SELECT s.division_id, range_agg(s.days) FILTER (WHERE s.inside), range_agg(s.days)
FROM (
    SELECT division_id, days, true AS inside FROM beneath
    UNION ALL
    SELECT division_id, days, false FROM above
) s
WHERE roots IS NOT NULL
GROUP BY s.division_id
$$
