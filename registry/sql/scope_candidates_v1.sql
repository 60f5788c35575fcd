-- The facts whose rows in a scope (范围) one change can have altered: a set, rarely too big.
--
-- moved: divisions whose days in the scope differ before and after the change; their doors, places
--     and edges count as altered too.
-- Answers keys for `only_keys` of scope_rows_v1: divisions, named places, addressable objects and
-- addresses, some perhaps twice.
CREATE OR REPLACE FUNCTION scope_candidates_v1(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
WITH RECURSIVE
unit AS (
    SELECT m.key AS division_id FROM unnest(moved) AS m (key)
    UNION
    SELECT d.division_id FROM division d WHERE d.recorded_from = change_number
    UNION
    SELECT v.division_id FROM division_version v
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
),
edge AS (
    SELECT v.predecessor_id, v.successor_id FROM succession_version v
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
    UNION
    -- An edge comes and goes with its ends.
    SELECT v.predecessor_id, v.successor_id
    FROM unit u
    JOIN succession_version v ON u.division_id IN (v.predecessor_id, v.successor_id)
    WHERE v.recorded_from <= change_number AND (v.recorded_to IS NULL OR v.recorded_to >= change_number)
),
door AS (
    SELECT v.address_id, v.carrier_id FROM address_version v
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
    UNION
    SELECT v.address_id, v.carrier_id
    FROM unnest(moved) AS m (key)
    JOIN address_version v ON v.division_id = m.key
    WHERE v.recorded_from <= change_number AND (v.recorded_to IS NULL OR v.recorded_to >= change_number)
    UNION
    SELECT a.address_id, NULL FROM address a WHERE a.recorded_from = change_number
),
chain AS (
    SELECT a.object_id
    FROM (SELECT DISTINCT address_id FROM door) d
    JOIN address a ON a.address_id = d.address_id
    UNION
    SELECT o.object_id FROM addressable_object o WHERE o.recorded_from = change_number
    UNION
    SELECT v.object_id FROM position_version v
    WHERE v.recorded_from = change_number OR v.recorded_to = change_number
    UNION
    SELECT o.parent_id
    FROM chain c
    JOIN addressable_object o ON o.object_id = c.object_id
    WHERE o.parent_id IS NOT NULL
)
SELECT division_id FROM unit
UNION ALL
SELECT predecessor_id FROM edge WHERE predecessor_id IS NOT NULL
UNION ALL
SELECT successor_id FROM edge WHERE successor_id IS NOT NULL
UNION ALL
SELECT v.division_id FROM division_code_version v
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
UNION ALL
SELECT v.division_id FROM territory_version v
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
UNION ALL
SELECT p.named_place_id FROM named_place p WHERE p.recorded_from = change_number
UNION ALL
SELECT v.named_place_id FROM place_name_version v
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
UNION ALL
SELECT v.named_place_id FROM place_extent_version v
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
UNION ALL
SELECT v.named_place_id
FROM unnest(moved) AS m (key)
JOIN place_extent_version v ON v.division_id = m.key
WHERE v.recorded_from <= change_number AND (v.recorded_to IS NULL OR v.recorded_to >= change_number)
UNION ALL
SELECT DISTINCT carrier_id FROM door WHERE carrier_id IS NOT NULL
UNION ALL
SELECT object_id FROM chain
UNION ALL
SELECT DISTINCT address_id FROM door
$$
