-- Both sides inspect an agreed line together every five years (行政区域界线管理条例 art 12, rule B09),
-- counted from the last inspection, or from the agreement where there was none. Five years after
-- 29 February is 1 March. The parameter is the day that is asked about; null: today in Shanghai.
WITH asked AS (
    SELECT coalesce(CAST(:on AS date), (now() AT TIME ZONE 'Asia/Shanghai')::date) AS on_day
),
agreed AS (
    SELECT b.line_id, coalesce(v.inspected_on, v.agreement_on) AS since, asked.on_day
    FROM asked
    CROSS JOIN boundary_line b
    JOIN boundary_line_version v ON v.line_id = b.line_id
        AND v.recorded_to IS NULL AND v.valid @> asked.on_day
    WHERE v.legal_status = 'agreed'
),
due AS (
    SELECT line_id, on_day, (since + interval '5 years')::date
        + (to_char(since, 'MM-DD') = '02-29')::integer AS due_on
    FROM agreed
)
SELECT line_id AS subject, 'joint inspection was due on ' || due_on AS finding
FROM due
WHERE due_on < on_day
