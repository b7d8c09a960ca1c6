// Which agents does each person watch?

export const MOST_WATCHED = 100;
export const MOST_PEOPLE = 1000;

const lists = new Map<string, Set<string>>();

export const watchedBy = (person: string): string[] => [...lists.get(person) ?? []];

/** Adds an agent to a person's list; a full memory forgets who came first. */
export function watch(person: string, agent: string): void {
  const list = lists.get(person) ?? new Set();
  list.add(agent);
  if (list.size > MOST_WATCHED) list.delete(list.values().next().value!);
  lists.set(person, list);
  if (lists.size > MOST_PEOPLE) lists.delete(lists.keys().next().value!);
}
