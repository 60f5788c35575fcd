-- The shares of a predecessor that go to its successors sum to 1, where all are known (law 12).
WITH parts AS (
    SELECT predecessor_id, lower(valid) AS on_day, share.basis, share.part
    FROM succession_version
    CROSS JOIN LATERAL (
        VALUES ('members', share_members), ('area', share_area), ('addresses', share_addresses)
    ) AS share(basis, part)
    WHERE recorded_to IS NULL AND predecessor_id IS NOT NULL AND successor_id IS NOT NULL
)
SELECT predecessor_id AS subject,
    'shares by ' || basis || ' on ' || on_day || ' sum to ' || sum(part) AS finding
FROM parts
GROUP BY predecessor_id, on_day, basis
HAVING bool_and(part IS NOT NULL) AND abs(sum(part) - 1) > 1e-6
