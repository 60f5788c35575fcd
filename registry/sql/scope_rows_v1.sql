-- Every row of the logged tables that a scope (范围) shows after change `known`, with its days.
--
-- roots, root_days: see scope_divisions_v1; null roots: the whole registry.
-- kinds: kinds of division, categories of named place, kinds of addressable object; null: all.
-- only_keys: divisions, named places, addressable objects and addresses to look at; null: all.
--     With keys, the answer is the part of the whole answer whose rows belong to one of them.
-- within: the days of the row's `valid` on which it lies in the scope, never empty; null for rows
--     of identities. An identity is shown when it has days in the scope or a shown row refers to
--     it, so no reference leaves the view.
CREATE OR REPLACE FUNCTION scope_rows_v1(
    roots uuid[], root_days daterange[], kinds text[], known bigint, only_keys uuid[]
)
RETURNS TABLE (table_name text, key uuid, version_id bigint, within datemultirange)
LANGUAGE sql STABLE AS $$
WITH RECURSIVE
scope AS MATERIALIZED (
    SELECT d.division_id, d.inside, d.around
    FROM scope_divisions_v1(roots, root_days, known) d
),
-- Days on which a division is of the kinds asked for.
of_kind AS MATERIALIZED (
    SELECT v.division_id, range_agg(v.valid) AS days
    FROM division_version v
    WHERE kinds IS NOT NULL AND v.kind = ANY (kinds)
      AND v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    GROUP BY v.division_id
),
ground AS MATERIALIZED (
    SELECT s.division_id, s.inside AS days, s.around AS shown
    FROM scope s
    WHERE kinds IS NULL AND (only_keys IS NULL OR s.division_id = ANY (only_keys))
    UNION ALL
    SELECT s.division_id, s.inside * k.days, s.inside * k.days
    FROM scope s
    JOIN of_kind k ON k.division_id = s.division_id
    WHERE kinds IS NOT NULL AND s.inside IS NOT NULL
      AND (only_keys IS NULL OR s.division_id = ANY (only_keys))
),
edge AS MATERIALIZED (
    SELECT v.version_id, v.succession_id, v.predecessor_id, v.successor_id, v.valid
    FROM succession_version v
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
      AND (only_keys IS NULL
           OR v.predecessor_id = ANY (only_keys) OR v.successor_id = ANY (only_keys))
      AND (v.predecessor_id IN (SELECT s.division_id FROM scope s WHERE s.inside IS NOT NULL)
           OR v.successor_id IN (SELECT s.division_id FROM scope s WHERE s.inside IS NOT NULL))
      AND (kinds IS NULL
           OR v.predecessor_id IN (SELECT k.division_id FROM of_kind k)
           OR v.successor_id IN (SELECT k.division_id FROM of_kind k))
),
-- What must be looked at to judge the keys asked for. How many keys there are is not known when
-- the call is planned; OFFSET 0 has every step taken through an index, key by key.
only_place AS MATERIALIZED (
    SELECT p.named_place_id
    FROM unnest(only_keys) AS o (key)
    JOIN named_place p ON p.named_place_id = o.key
    UNION
    SELECT e.named_place_id
    FROM unnest(only_keys) AS o (key)
    JOIN place_extent_version e ON e.division_id = o.key
    WHERE e.recorded_from <= known AND (e.recorded_to IS NULL OR e.recorded_to > known)
      AND NOT EXISTS (SELECT FROM scope s WHERE s.division_id = o.key)
),
only_object AS (
    SELECT a.object_id
    FROM unnest(only_keys) AS o (key)
    JOIN addressable_object a ON a.object_id = o.key
    UNION
    SELECT a.object_id
    FROM only_object o
    CROSS JOIN LATERAL (
        SELECT b.object_id FROM addressable_object b WHERE b.parent_id = o.object_id OFFSET 0
    ) a
),
only_door AS (
    SELECT v.version_id
    FROM unnest(only_keys) AS o (key)
    CROSS JOIN LATERAL (
        SELECT w.version_id FROM address_version w WHERE w.address_id = o.key OFFSET 0
    ) v
    UNION
    SELECT v.version_id
    FROM only_object o
    CROSS JOIN LATERAL (
        SELECT w.version_id
        FROM address a
        JOIN address_version w ON w.address_id = a.address_id
        WHERE a.object_id = o.object_id
        OFFSET 0
    ) v
    UNION
    SELECT v.version_id
    FROM only_place o
    CROSS JOIN LATERAL (
        SELECT w.version_id FROM address_version w WHERE w.carrier_id = o.named_place_id OFFSET 0
    ) v
),
door AS MATERIALIZED (
    SELECT v.version_id, v.address_id, v.carrier_id,
           datemultirange(v.valid) * s.inside AS days
    FROM scope s
    JOIN address_version v ON v.division_id = s.division_id AND v.valid && s.inside
    WHERE only_keys IS NULL
      AND v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT v.version_id, v.address_id, v.carrier_id, datemultirange(v.valid) * s.inside
    FROM only_door o
    CROSS JOIN LATERAL (
        SELECT w.* FROM address_version w WHERE w.version_id = o.version_id OFFSET 0
    ) v
    JOIN scope s ON s.division_id = v.division_id AND v.valid && s.inside
    WHERE only_keys IS NOT NULL
      AND v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
),
object_days AS MATERIALIZED (
    WITH RECURSIVE lineage AS (
        SELECT o.object_id, o.parent_id, o.kind, d.days
        FROM (
            SELECT a.object_id, range_agg(d.days) AS days
            FROM door d
            JOIN address a ON a.address_id = d.address_id
            WHERE roots IS NOT NULL
            GROUP BY a.object_id
        ) d
        JOIN addressable_object o ON o.object_id = d.object_id
        UNION ALL
        SELECT o.object_id, o.parent_id, o.kind, below.days
        FROM lineage below
        JOIN addressable_object o ON o.object_id = below.parent_id
    )
    SELECT object_id, parent_id, kind, range_agg(days) AS days
    FROM lineage
    GROUP BY object_id, parent_id, kind
    UNION ALL
    SELECT o.object_id, o.parent_id, o.kind, '{(,)}'
    FROM addressable_object o
    WHERE roots IS NULL AND o.recorded_from <= known
      AND (only_keys IS NULL OR o.object_id IN (SELECT object_id FROM only_object))
),
-- Objects of the kinds asked for, and those above them, to which they refer.
shown_object AS (
    SELECT object_id, parent_id FROM object_days WHERE kinds IS NULL OR kind = ANY (kinds)
    UNION
    SELECT o.object_id, o.parent_id
    FROM shown_object below
    JOIN addressable_object o ON o.object_id = below.parent_id
    WHERE kinds IS NOT NULL
),
shown_door AS MATERIALIZED (
    SELECT d.version_id, d.address_id, d.carrier_id, d.days
    FROM door d
    WHERE kinds IS NULL
    UNION ALL
    SELECT d.version_id, d.address_id, d.carrier_id, d.days
    FROM door d
    JOIN address a ON a.address_id = d.address_id
    JOIN addressable_object o ON o.object_id = a.object_id
    WHERE kinds IS NOT NULL AND o.kind = ANY (kinds)
),
place_days AS MATERIALIZED (
    SELECT p.named_place_id, p.category, d.days
    FROM (
        SELECT b.named_place_id, range_agg(b.days) AS days
        FROM (
            SELECT e.named_place_id, datemultirange(e.valid) * s.inside AS days
            FROM scope s
            JOIN place_extent_version e ON e.division_id = s.division_id AND e.valid && s.inside
            WHERE only_keys IS NULL
              AND e.recorded_from <= known AND (e.recorded_to IS NULL OR e.recorded_to > known)
            UNION ALL
            SELECT e.named_place_id, datemultirange(e.valid) * s.inside
            FROM only_place o
            CROSS JOIN LATERAL (
                SELECT x.* FROM place_extent_version x
                WHERE x.named_place_id = o.named_place_id
                OFFSET 0
            ) e
            JOIN scope s ON s.division_id = e.division_id AND e.valid && s.inside
            WHERE only_keys IS NOT NULL
              AND e.recorded_from <= known AND (e.recorded_to IS NULL OR e.recorded_to > known)
            UNION ALL
            SELECT d.carrier_id, d.days FROM door d WHERE d.carrier_id IS NOT NULL
        ) b
        WHERE roots IS NOT NULL
        GROUP BY b.named_place_id
    ) d
    JOIN named_place p ON p.named_place_id = d.named_place_id
    UNION ALL
    SELECT p.named_place_id, p.category, '{(,)}'
    FROM named_place p
    WHERE roots IS NULL AND p.recorded_from <= known
      AND (only_keys IS NULL OR p.named_place_id IN (SELECT named_place_id FROM only_place))
),
shown_place AS MATERIALIZED (
    SELECT named_place_id, days FROM place_days WHERE kinds IS NULL OR category = ANY (kinds)
),
shown_extent AS MATERIALIZED (
    SELECT e.version_id, e.named_place_id, e.division_id,
           datemultirange(e.valid) * p.days AS days
    FROM shown_place p
    JOIN place_extent_version e ON e.named_place_id = p.named_place_id AND e.valid && p.days
    WHERE e.recorded_from <= known AND (e.recorded_to IS NULL OR e.recorded_to > known)
),
shown_row AS (
    SELECT 'division' AS table_name, d.division_id AS owner, d.division_id AS key,
           NULL::bigint AS version_id, NULL::datemultirange AS within
    FROM division d
    WHERE d.recorded_from <= known AND (only_keys IS NULL OR d.division_id = ANY (only_keys))
      AND (
          d.division_id IN (SELECT s.division_id FROM scope s)
          OR d.division_id IN (SELECT e.predecessor_id FROM edge e)
          OR d.division_id IN (SELECT e.successor_id FROM edge e)
          OR d.division_id IN (SELECT e.division_id FROM shown_extent e)
      )
    UNION ALL
    SELECT 'division_version', v.division_id, v.division_id, v.version_id,
           datemultirange(v.valid) * g.shown
    FROM ground g
    JOIN division_version v ON v.division_id = g.division_id AND v.valid && g.shown
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT 'division_code_version', v.division_id, v.division_code_id, v.version_id,
           datemultirange(v.valid) * g.shown
    FROM ground g
    JOIN division_code_version v ON v.division_id = g.division_id AND v.valid && g.shown
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT 'territory_version', v.division_id, v.division_id, v.version_id,
           datemultirange(v.valid) * g.days
    FROM ground g
    JOIN territory_version v ON v.division_id = g.division_id AND v.valid && g.days
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT 'succession_version', NULL, e.succession_id, e.version_id, datemultirange(e.valid)
    FROM edge e
    UNION ALL
    SELECT 'named_place', p.named_place_id, p.named_place_id, NULL, NULL
    FROM (
        SELECT named_place_id FROM shown_place
        UNION
        SELECT carrier_id FROM shown_door WHERE carrier_id IS NOT NULL
    ) p
    UNION ALL
    SELECT 'place_extent_version', e.named_place_id, e.named_place_id, e.version_id, e.days
    FROM shown_extent e
    UNION ALL
    SELECT 'place_name_version', v.named_place_id, v.place_name_id, v.version_id,
           datemultirange(v.valid) * p.days
    FROM shown_place p
    JOIN place_name_version v ON v.named_place_id = p.named_place_id AND v.valid && p.days
    WHERE v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT 'addressable_object', o.object_id, o.object_id, NULL, NULL
    FROM (SELECT DISTINCT object_id FROM shown_object) o
    UNION ALL
    SELECT 'position_version', v.object_id, v.object_id, v.version_id,
           datemultirange(v.valid) * o.days
    FROM object_days o
    JOIN position_version v ON v.object_id = o.object_id AND v.valid && o.days
    WHERE (kinds IS NULL OR o.kind = ANY (kinds))
      AND (only_keys IS NULL OR o.object_id = ANY (only_keys))
      AND v.recorded_from <= known AND (v.recorded_to IS NULL OR v.recorded_to > known)
    UNION ALL
    SELECT 'address', d.address_id, d.address_id, NULL, NULL
    FROM (
        SELECT address_id FROM shown_door
        UNION
        SELECT a.address_id
        FROM address a
        JOIN addressable_object o ON o.object_id = a.object_id
        WHERE roots IS NULL AND a.recorded_from <= known
          AND (only_keys IS NULL OR a.address_id = ANY (only_keys))
          AND (kinds IS NULL OR o.kind = ANY (kinds))
    ) d
    UNION ALL
    SELECT 'address_version', d.address_id, d.address_id, d.version_id, d.days
    FROM shown_door d
)
SELECT r.table_name, r.key, r.version_id, r.within
FROM shown_row r
WHERE only_keys IS NULL OR r.owner IS NULL OR r.owner = ANY (only_keys)
$$
