ALTER TABLE fairlead.rollups DROP CONSTRAINT rollups_grain_check,
  ADD CONSTRAINT rollups_grain_check CHECK (grain IN (1, 60, 600, 3600, 21600, 86400));

-- Minutes were rolled up to hours, and hours to days. Where the finer rows of a span are all still
-- there (minutes are kept for 7 days, hours for 400), the coarser one goes, and they are rolled up
-- again, step by step; until then they tell the span themselves.
DELETE FROM fairlead.rollups
  WHERE grain = 86400 AND began >= date_trunc('day', now() - interval '398 days', 'UTC');
UPDATE fairlead.rollups SET rolled = false
  WHERE grain = 3600 AND rolled AND began >= date_trunc('day', now() - interval '398 days', 'UTC');
DELETE FROM fairlead.rollups
  WHERE grain = 3600 AND began >= date_trunc('hour', now() - interval '6 days 20 hours', 'UTC');
UPDATE fairlead.rollups SET rolled = false
  WHERE grain = 60 AND rolled
    AND began >= date_trunc('hour', now() - interval '6 days 20 hours', 'UTC');
