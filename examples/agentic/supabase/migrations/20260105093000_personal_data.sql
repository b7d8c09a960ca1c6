-- Personal data does not outstay its purpose, and a person gets theirs told or removed.

set lock_timeout = '2s';
set statement_timeout = '30s';

-- No public role may use this schema, so only who keeps the database calls what is in it.
create schema private;

create function private.forget_expired() returns void
language sql security definer set search_path = '' as $$
  delete from public.agents where created_at < now() - interval '365 days';
  update public.trust_events set reporter_email = null
    where reporter_email is not null and recorded_at < now() - interval '90 days';
$$;

comment on function private.forget_expired() is 'Retention: called after every write.';

create function private.forget_expired_after_write() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.forget_expired();
  return null;
end
$$;

create trigger forget_expired after insert on public.agents
  for each statement execute function private.forget_expired_after_write();
create trigger forget_expired after insert on public.trust_events
  for each statement execute function private.forget_expired_after_write();

create function private.export_person(email text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'agents', coalesce((select jsonb_agg(to_jsonb(a) order by a.id)
      from public.agents a where a.owner_email = email), '[]'),
    'reported_events', coalesce((select jsonb_agg(to_jsonb(e) order by e.id)
      from public.trust_events e where e.reporter_email = email), '[]'));
$$;

comment on function private.export_person(text) is 'All that is held of a person.';

create function private.erase_person(email text) returns void
language sql security definer set search_path = '' as $$
  delete from public.agents a where a.owner_email = email;
  update public.trust_events e set reporter_email = null where e.reporter_email = email;
$$;

comment on function private.erase_person(text) is
  'Removes a person''s agents with their events, and the address from events they reported.';
