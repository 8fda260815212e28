import type { CheckContext, Probe } from "#src/rooms/trust/promise.ts";
import type { Sight } from "./verdict.ts";

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const svg = (inner: string): Buffer => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inner}<rect width="9" height="9"/></svg>`);

/** A PDF of one empty page, its table of places counted. */
function pdf(catalog = ""): Buffer {
  const objects = [`<</Type/Catalog/Pages 2 0 R${catalog}>>`, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>"];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  return Buffer.from(`${text}xref\n0 4\n0000000000 65535 f \n${places.join("")}trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n${text.length}\n%%EOF\n`);
}

/** What no report may hand to its readers. */
const unfit: [name: string, bytes: Buffer][] = [
  ["cut.png", png.subarray(0, -20)], ["page.png", Buffer.from("<!doctype html><script>1</script>")], ["cut.jpeg", Buffer.from("ffd8ffe000104a46494600", "hex")],
  ["entity.svg", Buffer.from('<!DOCTYPE svg [<!ENTITY a "a">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>')], ["open.svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><g>')],
  ["cut.pdf", pdf().subarray(0, -30)], ["script.pdf", pdf("/OpenAction<</S/JavaScript/JS(1)>>")],
];
const fit: [name: string, bytes: Buffer][] = [["sound.png", png], ["sound.pdf", pdf()], ["script.svg", svg('<script>alert(1)</script><image href="https://example.com/x.png"/>')]];

/** Attachments of VALID-1: each unfit file is refused, each sound one taken, and what is served of one cannot run or fetch. */
export async function judgeAttachments({ context, probe, sight }: { context: CheckContext; probe: Probe; sight: Sight }): Promise<void> {
  const { token } = probe;
  const send = (name: string, body: Buffer) => context.request("POST", `/api/v1/teams/${probe.team}/attachments`, { token, body, headers: { "x-filename": name } });
  sight.facts.unfit = 0;
  for (const [name, bytes] of unfit) {
    const { status, json } = await send(name, bytes);
    if (status === 429 || status >= 500) sight.doubt(`The attachment ${name} was answered with ${status}.`, `添付ファイル${name}への応答が${status}でした。`);
    else if (status < 400) sight.breach(`The unfit attachment ${name} was accepted.`, `不正な添付ファイル${name}が受け付けられました。`);
    else if (json?.file !== name || !json.detail) sight.breach(`The refusal of the attachment ${name} names no file or reason.`, `添付ファイル${name}の拒否に、ファイル名または理由が示されていません。`);
    else sight.facts.unfit = Number(sight.facts.unfit) + 1;
  }
  for (const [name, bytes] of fit) {
    const { status, json } = await send(name, bytes);
    if (status === 429 || status >= 500) {
      sight.doubt(`The attachment ${name} was answered with ${status}.`, `添付ファイル${name}への応答が${status}でした。`);
      continue;
    }
    if (status !== 201) {
      sight.breach(`The sound attachment ${name} was not accepted (${status}).`, `正しい添付ファイル${name}が受け付けられませんでした（${status}）。`);
      continue;
    }
    const { headers, bytes: served } = await context.request("GET", `/api/v1/attachments/${json.id}/content`, { token });
    const text = served.toString("latin1");
    const isHarmless = /default-src 'none'/.test(String(headers["content-security-policy"])) && headers["x-content-type-options"] === "nosniff";
    if (/<script|example\.com/.test(text) || !isHarmless) sight.breach(`What is served of ${name} can run or fetch something.`, `${name}として配信される内容が、スクリプトの実行や外部への接続を行えます。`);
    await context.request("DELETE", `/api/v1/attachments/${json.id}`, { token });
  }
}
