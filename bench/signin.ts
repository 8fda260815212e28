import { argon2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { hashPassword } from "#src/rooms/signin/passwords.ts";
import { connections, load } from "./load.ts";
import { inTurns, measured } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import type { Served } from "./served.ts";

const derive = promisify(argon2);
const password = "correct horse battery staple";
const seconds = 4;
/** As many at once as the server lets hash. */
const atOnce = 2;

export const signin: Measurement = {
  name: "signin",
  about: "sign-ins with a password a second, 16 people at once, against bare argon2id at the same parameters",
  async measure({ shared }) {
    const served = await shared();
    const people = Array.from({ length: connections }, (_, at) => `signin-${at}@example.com`);
    for (const email of people) await makePerson(served, email);
    const [, memory, passes, parallelism] = /m=(\d+),t=(\d+),p=(\d+)/.exec(await hashPassword(password)) ?? [];
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), tagLength: 32 };
    const bare = async (): Promise<number> => {
      let done = 0;
      const startedAt = performance.now();
      const work = async (): Promise<void> => {
        for (; performance.now() - startedAt < seconds * 1000; done++) await derive("argon2id", { message: Buffer.from(password), nonce: randomBytes(16), ...cost });
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      return done / ((performance.now() - startedAt) / 1000);
    };
    const signIns = (connection: number) => [{ method: "POST" as const, path: "/api/v1/sessions", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: people[connection % people.length], password }) }];
    const value = (): Promise<number> => load({ port: served.port, ca: served.ca, requestsOf: signIns, seconds });
    await value();
    const found = await inTurns({ rounds: 5, baseline: bare, value });
    return measured({ name: "signin", ...found, unit: "sign-ins/s", baselineName: "bare argon2id", goal: { of: "ratio", atLeast: 0.85 } });
  },
};

async function makePerson(served: Served, email: string): Promise<void> {
  const { link } = served.kliv("user", "create", "--email", email, "--name", email.split("@")[0] ?? email);
  await served.ask("POST", "/api/v1/passwords", { body: { link: new URL(link ?? "").searchParams.get("link"), password }, expected: 204 });
}
