/* A signed answer, changed at random in a thousand ways: whoever it names is the one who was signed, or it is refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, it } from "node:test";
import { makeIdp } from "#promises/checks/idp.ts";
import type { CheckIdp } from "#promises/checks/idp.ts";
import { systemClock } from "#src/base/clock.ts";
import { makeKeyPair } from "./keys.ts";
import { readIdp } from "./metadata.ts";
import type { Parties } from "./verify.ts";
import { verifyResponse } from "./verify.ts";
import { readXml } from "./xml.ts";

const [email, other] = ["hana@corp.example", "boss@corp.example"];
const sp = { entityId: "https://kliv.example/saml/x/metadata", acsUrl: "https://kliv.example/saml/x/acs" };
const request = { id: "_asked" };

/** The same numbers from the same seed, so that what fails once fails again. */
function numbers(seed: string): (below: number) => number {
  let count = 0;
  return (below) => createHash("sha256").update(`${seed} ${count++}`).digest().readUInt32BE() % below;
}

describe("answers changed at random", () => {
  let idp: CheckIdp;
  let parties: Parties;
  let xml: string;
  before(async () => {
    idp = await makeIdp(systemClock);
    const { entityId, ssoUrl, sloUrl, certificates } = readIdp(idp.metadata, { allowsPlain: false });
    const { privateKey } = await makeKeyPair({ name: "sp", clock: systemClock, bits: 2_048 });
    parties = { idp: { entityId, ssoUrl, sloUrl, certificates }, sp, signingKey: privateKey, signsRequests: true, decryptionKeys: [privateKey] };
    xml = Buffer.from(idp.answer({ email, recipient: sp.acsUrl, audience: sp.entityId, inResponseTo: request.id }), "base64").toString();
  });

  const verify = (text: string) => verifyResponse(parties, { message: Buffer.from(text).toString("base64"), recipient: sp.acsUrl, request, nowMs: systemClock.now() });

  it("unchanged it is good", async () => {
    assert.equal((await verify(xml)).nameId, email);
  });

  it("pieces cut out, doubled, moved, swapped and renamed", async () => {
    const next = numbers("saml");
    const pieces = xml.split(/(?=<)|(?<=>)/);
    const at = (all: string[]): number => next(Math.max(all.length, 1));
    const changes: ((all: string[]) => string[])[] = [
      (all) => all.toSpliced(at(all), 1 + next(6)),
      (all) => all.toSpliced(at(all), 0, ...all.slice(at(all), at(all) + next(30))),
      (all) => { const [from, to] = [at(all), at(all)]; return all.with(from, all[to]!).with(to, all[from]!); },
      (all) => { const i = at(all); return all.with(i, all[i]!.replaceAll(email, other)); },
      (all) => { const i = all.findIndex((piece, j) => j >= at(all) && piece.includes(email)); return i < 0 ? all : all.with(i, `${other}<!---->`); },
      (all) => { const i = at(all); return all.with(i, all[i]!.replace(/saml:/, "samlp:")); },
      (all) => { const i = at(all); return all.with(i, all[i]!.replace(/ ID="[^"]+"/, ' ID="_other"')); },
      (all) => { const i = at(all); const piece = all[i]!; const j = next(piece.length || 1); return all.with(i, piece.slice(0, j) + String.fromCharCode(32 + next(95)) + piece.slice(j + next(2))); },
    ];
    const evil = pieces.slice(pieces.findIndex((piece) => piece.startsWith("<saml:Assertion")), -1).map((piece) => piece.replaceAll(email, other));
    changes.push((all) => all.toSpliced(at(all), 0, ...evil));
    let good = 0;
    for (let i = 0; i < 1_000; i++) {
      let all = pieces;
      for (let n = 1 + next(3); n > 0; n--) all = changes[next(changes.length)]!(all);
      const said = await verify(all.join("")).catch(() => null);
      if (said === null) continue;
      good++;
      assert.equal(said.nameId, email, all.join(""));
    }
    // Some change nothing that matters, as a space between attributes; most are refused.
    assert.ok(good < 200, `${good} were taken`);
  });

  it("the reader takes no time for what is made to take it", () => {
    const long = "a".repeat(50_000);
    for (const text of [`<a ${`b="c" `.repeat(20_000)}`, `<${long}`, `<a>${"&#32;".repeat(40_000)}</a>`, `<a ${" ".repeat(100_000)}/>`, `<a b="${long}`, "<a>".repeat(60_000), `<a>${"<b/>".repeat(60_000)}</a>`]) {
      try {
        readXml(text);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
  });
});
