-- Both sides inspect an agreed line together every five years (行政区域界线管理条例 art 12, rule B09),
-- counted from the last inspection, or from the agreement where there was none.
SELECT b.line_id AS subject,
    'joint inspection was due on '
        || (coalesce(v.inspected_on, v.agreement_on) + interval '5 years')::date AS finding
FROM boundary_line b
JOIN boundary_line_version v ON v.line_id = b.line_id
    AND v.recorded_to IS NULL AND v.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date
WHERE v.legal_status = 'agreed'
    AND coalesce(v.inspected_on, v.agreement_on) + interval '5 years'
        < (now() AT TIME ZONE 'Asia/Shanghai')::date
