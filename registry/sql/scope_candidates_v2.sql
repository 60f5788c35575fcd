-- scope_candidates_v1 with the divisions whose figures (统计数据) a change wrote or stopped believing.
CREATE OR REPLACE FUNCTION scope_candidates_v2(change_number bigint, moved uuid[])
RETURNS TABLE (key uuid)
LANGUAGE sql STABLE AS $$
SELECT c.key FROM scope_candidates_v1(change_number, moved) c
UNION ALL
SELECT v.division_id FROM division_statistics_version v
WHERE v.recorded_from = change_number OR v.recorded_to = change_number
$$
