-- scope_candidates_v2 with the divisions whose dual-name windows (新旧地名并用期) a change wrote or
-- stopped believing, and the amendments it did the same to.
CREATE OR REPLACE FUNCTION scope_candidates_v3(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
SELECT c.key FROM scope_candidates_v2(change_number, moved) c
UNION ALL
SELECT w.division_id FROM dual_name_version w
WHERE w.recorded_from = change_number OR w.recorded_to = change_number
UNION ALL
-- Amendments have a column of the parameter's name.
SELECT a.amendment_id FROM amendment_version a
WHERE a.recorded_from = scope_candidates_v3.change_number
   OR a.recorded_to = scope_candidates_v3.change_number
$$
