-- What agents did: the events their trust scores are computed from.

set lock_timeout = '2s';
set statement_timeout = '30s';

create table public.trust_events (
  id bigint generated always as identity primary key,
  agent_id text not null references public.agents (id) on delete cascade,
  kind text not null
    check (kind in ('task_completed', 'positive_review', 'task_failed', 'policy_violation')),
  reporter_email text,
  recorded_at timestamptz not null default now()
);

-- A score reads one agent's newest events.
create index trust_events_agent_idx on public.trust_events (agent_id, id desc);
-- Retention clears the addresses of old events.
create index trust_events_reported_idx on public.trust_events (recorded_at)
  where reporter_email is not null;

comment on table public.trust_events is 'One row for each thing an agent did.';
comment on column public.trust_events.kind is 'The weights are in functions/trust-score/trust.ts.';
comment on column public.trust_events.reporter_email is 'personal: who reported the event, if known';

alter table public.trust_events enable row level security;

create policy "owners read the events of their agents" on public.trust_events for select
  using (agent_id in (select id from public.agents));

create policy "people report events under their own address" on public.trust_events for insert
  with check (
    reporter_email =
      (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  );
