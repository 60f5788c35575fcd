-- The facts whose rows in a scope one change can have altered, with the doors of plates (门楼牌).
--
-- Arguments and answer as in scope_candidates_v3; plates are looked at through their doors.
CREATE OR REPLACE FUNCTION scope_candidates_v4(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
SELECT c.key FROM scope_candidates_v3(change_number, moved) c
UNION ALL
SELECT p.address_id FROM plate p WHERE p.recorded_from = change_number
UNION ALL
SELECT p.address_id
FROM plate_version v
JOIN plate p ON p.plate_id = v.plate_id
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
$$
