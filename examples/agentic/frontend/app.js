// The page: what it asks the functions, and how it shows the answers.

const SERVICES = ["agent-registry", "trust-score", "gdpr-compliance"];

const $ = (selector) => document.querySelector(selector);

async function call(name, action, fields = {}) {
  const response = await fetch(`/functions/v1/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ action, ...fields }),
  });
  const answer = await response.json().catch(() => null);
  if (!answer?.success) {
    throw new Error(answer?.error?.message ?? `${name} answered ${response.status}`);
  }
  return answer.result;
}

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(text);
  return made;
}

function say(sentence) {
  $("#notice").textContent = sentence;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => $("#notice").textContent = "", 6000);
}

async function showServices() {
  const answers = await Promise.allSettled(SERVICES.map((name) => call(name, "health_check")));
  const lines = answers.map(({ status }, place) => {
    const up = status === "fulfilled";
    const name = SERVICES[place];
    return element("li", `${name} ${up ? "healthy" : "unavailable"}`, {
      className: up ? "up" : "down",
    });
  });
  $("#services").replaceChildren(...lines);
}

function agentLine(agent, judged) {
  const title = element("div", agent.name);
  title.append(element("small", agent.purpose));
  const known = judged.status === "fulfilled";
  const score = known ? judged.value.score : 0;
  const meter = element("meter", "", { max: 100, low: 40, high: 60, optimum: 100, value: score });
  meter.setAttribute("aria-label", `Trust in ${agent.name}`);
  const line = element("li", title);
  line.append(meter, element("b", known ? score.toFixed(1) : "–"));
  if (known) line.title = judged.value.because;
  return line;
}

async function showAgents() {
  const { agents } = await call("agent-registry", "list");
  const judged = await Promise.allSettled(
    agents.map(({ id }) => call("trust-score", "explain", { agent_id: id })),
  );
  $("#agents").replaceChildren(...agents.map((agent, place) => agentLine(agent, judged[place])));

  const choice = $("#rate [name=agent_id]");
  const chosen = choice.value;
  choice.replaceChildren(...agents.map(({ id, name }) => element("option", name, { value: id })));
  if (agents.some(({ id }) => id === chosen)) choice.value = chosen;
}

function checkLine({ name, article, passed, evidence }) {
  const mark = passed ? "✓" : "✗";
  const line = element("li", `${mark} ${name} `, { className: passed ? "passed" : "failed" });
  line.append(element("small", `${article}, ${evidence}`));
  return line;
}

function columnLine(held) {
  const line = element("li", `${held.table}.${held.column}: ${held.purpose} `);
  line.append(element("small", `${held.retention_days} days, then ${held.erasure}`));
  return line;
}

async function showReport() {
  const [report, inventory] = await Promise.all([
    call("gdpr-compliance", "compliance_report"),
    call("gdpr-compliance", "data_inventory"),
  ]);
  const list = element("ul", "");
  list.append(...report.checks.map(checkLine), ...inventory.personal_data.map(columnLine));
  const verdict = report.compliant ? "Every check passed." : "Some checks failed.";
  $("#report").replaceChildren(element("p", verdict), list);
}

/** Runs what the person asked for; a failure becomes a sentence on the page. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(`That did not work: ${error.message}`);
  }
}

const filled = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));

$("#rate").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const rated = await call("trust-score", "record", filled(event.target));
    say(`Thank you. ${rated.agent_id} now scores ${rated.score}.`);
    await showAgents();
  });
});

$("#register").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const agent = await call("agent-registry", "register", filled(event.target));
    event.target.reset();
    say(`${agent.name} is registered.`);
    await showAgents();
  });
});

$("#ask-report").addEventListener("click", () => attempt(showReport));

attempt(showAgents);
attempt(showServices);
