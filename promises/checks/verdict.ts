import type { CheckContext, Facts, Finding, Probe, Reply, Text } from "#src/rooms/trust/promise.ts";

/** Why a check cannot tell. Thrown where going on would make no sense; it ends as `unknown`. */
export class CannotTell extends Error {
  readonly summary: Text;

  constructor(summary: Text) {
    super(summary.en);
    this.name = "CannotTell";
    this.summary = summary;
  }
}

const namedMax = 3;

/** What a check has seen so far. One breach makes it broken; without a breach, one doubt makes it unknown; else it is kept. */
export class Sight {
  readonly breaches: Text[] = [];
  readonly doubts: Text[] = [];
  readonly facts: Facts = {};

  breach(en: string, ja: string): void {
    this.breaches.push({ en, ja });
  }

  doubt(en: string, ja: string): void {
    this.doubts.push({ en, ja });
  }

  finding(kept: Text): Finding {
    if (this.breaches.length > 0) return { state: "broken", evidence: { summary: join(this.breaches), facts: this.facts } };
    if (this.doubts.length > 0) return { state: "unknown", evidence: { summary: join(this.doubts), facts: this.facts } };
    return { state: "kept", evidence: { summary: kept, facts: this.facts } };
  }
}

function join(texts: Text[]): Text {
  const first = texts.slice(0, namedMax);
  const more = texts.length - first.length;
  return {
    en: first.map((text) => text.en).join(" ") + (more > 0 ? ` And ${more} more.` : ""),
    ja: first.map((text) => text.ja).join("") + (more > 0 ? `ほか${more}件。` : ""),
  };
}

/** Runs a check so that what it cannot tell ends as unknown, with what it had seen by then; a breach seen before that counts. */
export async function look(kept: (sight: Sight) => Text, work: (sight: Sight) => Promise<void>): Promise<Finding> {
  const sight = new Sight();
  try {
    await work(sight);
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    sight.doubts.push(error.summary);
  }
  return sight.finding(kept(sight));
}

/** Works with throw-away accounts and always removes them. */
export async function withProbes(context: CheckContext, work: (probe: Probe, another: () => Promise<Probe>) => Promise<void>): Promise<void> {
  const probes: Probe[] = [];
  const make = async (teammate?: Probe): Promise<Probe> => {
    // After a stop nothing new is made.
    context.signal.throwIfAborted();
    const probe = await context.live.probeActor(teammate);
    probes.push(probe);
    return probe;
  };
  try {
    const first = await make();
    await work(first, () => make(first));
  } finally {
    for (const probe of probes.reverse()) await probe.dispose();
  }
}

/** Holds a step that the check itself needs: if it fails, nothing is shown of the promise either way. */
export function need(reply: Reply, statuses: number[], step: Text): Reply {
  if (statuses.includes(reply.status)) return reply;
  const answer = `${reply.status}${typeof reply.json?.code === "string" ? ` ${reply.json.code}` : ""}`;
  throw new CannotTell({
    en: `The check could not ${step.en} (answer: ${answer}).`,
    ja: `検査の準備（${step.ja}）ができませんでした（応答：${answer}）。`,
  });
}

/** A header of the reply; empty where there is none. */
export function header(reply: Reply, name: string): string {
  const value = reply.headers[name];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
}
