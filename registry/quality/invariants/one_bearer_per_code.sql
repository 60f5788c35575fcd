-- Two units never bear one code of one scheme on one day.
SELECT one.division_id AS subject,
    'code ' || one.code || ' (' || one.scheme || ') is also borne by ' || other.division_id
        || ' during ' || (one.valid * other.valid) AS finding
FROM division_code_version one
JOIN division_code_version other
    ON other.code = one.code AND other.scheme = one.scheme AND other.valid && one.valid
    AND other.recorded_to IS NULL AND other.division_id > one.division_id
WHERE one.recorded_to IS NULL
