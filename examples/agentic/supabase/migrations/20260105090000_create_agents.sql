-- Agents and the people who answer for them.

set lock_timeout = '2s';
set statement_timeout = '30s';

create table public.agents (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (char_length(name) between 1 and 60),
  purpose text not null check (char_length(purpose) between 1 and 200),
  owner_email text not null,
  created_at timestamptz not null default now()
);

create index agents_owner_email_idx on public.agents (owner_email);
create index agents_created_at_idx on public.agents (created_at desc);

comment on table public.agents is 'Every registered agent.';
comment on column public.agents.purpose is 'What the agent is for, in a sentence.';
comment on column public.agents.owner_email is 'personal: who answers for the agent';

alter table public.agents enable row level security;

-- The caller is whoever the request's verified token names. The setting is read instead of
-- auth.jwt(), so that the policies also hold on a PostgreSQL without Supabase's auth schema.
create policy "owners read their agents" on public.agents for select
  using (
    owner_email =
      (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  );

create policy "owners register their agents" on public.agents for insert
  with check (
    owner_email =
      (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  );
