import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import sharp from "sharp";
import { Problem } from "#src/base/problems/problem.ts";
import { bomb, pdf, photo, png } from "../testing.ts";
import { inspect } from "./inspect.ts";
import type { InspectOutcome } from "./inspect.ts";

type Found = InspectOutcome & { out: Buffer; small: Buffer | null };

async function take(input: Buffer | string, fileName = "file"): Promise<Found> {
  const workDir = mkdtempSync(join(tmpdir(), "kliv-inspect-"));
  try {
    const bytes = Buffer.from(input);
    const found = await inspect({ workDir, fileName }, (async function* () { yield bytes; })());
    return { ...found, out: readFileSync(join(workDir, "out")), small: found.hasSmall ? readFileSync(join(workDir, "small")) : null };
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

const refused = (input: Buffer | string, code: string, reason = /./) =>
  assert.rejects(() => take(input, "cat.bin"), (error) => error instanceof Problem && error.code === code && error.options.file === "cat.bin" && reason.test(error.message), `${code} expected`);

const svg = (inner: string, attributes = 'width="100" height="50"'): string => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`;

describe("pictures", () => {
  it("are turned as they were taken, and keep nothing of place and person", async () => {
    const input = await photo();
    assert.ok(input.includes("canary-person"), "the test's own file has what is to go");
    const { format, width, height, notes, out, small } = await take(input);
    assert.deepEqual([format, width, height, notes], ["jpeg", 200, 400, [{ code: "metadata" }]]);
    const said = await sharp(out).metadata();
    assert.deepEqual([said.exif, said.xmp, said.iptc, said.orientation, out.includes("canary-person")], [undefined, undefined, undefined, undefined, false]);
    assert.equal(small?.[0], 0xff);
  });

  it("keep transparency, and are made smaller where no page shows more", async () => {
    const { out, small, notes } = await take(await png());
    assert.deepEqual([(await sharp(out).stats()).isOpaque, notes, small?.[0]], [false, [], 0x89]);
    const large = await take(await png({ width: 6_000, height: 30, alpha: 1 }));
    assert.deepEqual([large.width, large.height, large.notes], [4_096, 20, [{ code: "resized" }]]);
  });

  it("are refused where they are cut, changed or lying, whatever their name", async () => {
    const [picture, jpeg] = [await png(), await photo()];
    await refused(picture.subarray(0, picture.length - 30), "ATTACHMENT_DAMAGED");
    await refused(jpeg.subarray(0, jpeg.length / 2), "ATTACHMENT_DAMAGED");
    const changed = Buffer.from(picture);
    changed[changed.indexOf("IDAT") + 8]! ^= 0xff;
    await refused(changed, "ATTACHMENT_DAMAGED");
    await refused(await bomb(), "ATTACHMENT_TOO_LARGE", /pixels/);
    await refused(Buffer.alloc(0), "FILE_EMPTY");
    for (const other of ["GIF89a......", "<html><body>", "<!DOCTYPE html><svg>", "RIFF....WEBPVP8 ", "PK\x03\x04"]) await refused(other, "ATTACHMENT_FORMAT");
  });
});

describe("SVG", () => {
  it("is kept where it draws", async () => {
    const inner = '<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient><style>.b{fill:url(#a);stroke:red}</style></defs><g transform="scale(2)"><rect class="b" width="10" height="10"/><use xlink:href="#c"/><path id="c" d="M0 0h9"/><text x="1" y="9">日本 &amp; más</text></g>';
    const { out, width, height, notes, small } = await take(`<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n${svg(inner)}`);
    const text = out.toString();
    assert.deepEqual([width, height, notes], [100, 50, []]);
    for (const kept of [".b{fill:url(#a);stroke:red}", 'transform="scale(2)"', 'href="#c"', "日本 &amp; más", 'viewBox="0 0 100 50"']) assert.ok(text.includes(kept), `${kept} in ${text}`);
    assert.doesNotMatch(text, /DOCTYPE|<!--|xlink/);
    assert.equal(small?.[0], 0x89);
  });

  it("loses all that runs, fetches or leads elsewhere", async () => {
    const hostile = [
      "<script>alert(1)</script>", '<script href="https://evil.example/x.js"/>', '<rect onload="alert(1)" width="1" height="1"/>', '<a href="javascript:alert(1)"><rect width="1" height="1"/></a>',
      '<a xlink:href="https://evil.example/"><text>go</text></a>', "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><img src=x onerror=alert(1)></img></body></foreignObject>",
      '<image href="https://evil.example/p.png"/>', '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', '<use href="https://evil.example/s.svg#a"/>', '<use href="data:image/svg+xml,x#a"/>',
      '<animate attributeName="href" to="javascript:alert(1)"/>', '<set attributeName="onload" to="alert(1)"/>', '<rect style="fill:url(https://evil.example/f)" width="1" height="1"/>',
      '<rect style="fill:u\\72l(https://evil.example/f)" width="1" height="1"/>', "<rect fill=\"url('//evil.example/f#a')\" width=\"1\" height=\"1\"/>", "<style>@import url(https://evil.example/c.css);</style>",
      "<style>@font-face{font-family:x;src:url(https://evil.example/f.woff)}</style>", "<style>rect{background:url(https://evil.example/b)}</style>", "<style>rect{fill:red}/*</style><script>alert(1)</script>*/",
      '<feImage href="https://evil.example/i.png"/>', '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>', '<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example/"/>',
      '<rect xmlns:x="http://www.w3.org/2000/svg" x:onclick="alert(1)" width="1" height="1"/>', '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">evil.example</rdf:RDF></metadata>',
      '<rect width="1" height="1" filter="url( &quot;https://evil.example/#f&quot; )"/>', "<text><![CDATA[</text><script>alert(1)</script>]]></text>",
    ];
    for (const one of hostile) {
      const { out } = await take(svg(one));
      const text = out.toString();
      assert.doesNotMatch(text, /<script|<foreignObject|<iframe|<handler|<animate|<set|<feImage|<a[\s>]|\son\w+=|evil\.example|javascript:|@import|@font-face/i, `${one} became ${text}`);
    }
    const { notes } = await take(svg(hostile.slice(0, 8).join("")));
    assert.deepEqual(notes[0]?.code, "removed");
    assert.ok(notes[0]?.names?.includes("script") && notes[0].names.includes("onload"));
  });

  it("has the pictures in it decoded like all others", async () => {
    const inside = `data:image/jpeg;base64,${(await photo()).toString("base64")}`;
    const { out } = await take(svg(`<image width="10" height="10" href="${inside}"/>`));
    const kept = Buffer.from(/base64,([^"]+)"/.exec(out.toString())?.[1] ?? "", "base64");
    assert.deepEqual([kept[0], kept.includes("canary-person")], [0xff, false]);
    await refused(svg('<image href="data:image/png;base64,iVBORw0KGgo="/>'), "ATTACHMENT_DAMAGED");
  });

  it("is refused where it is none, or explodes", async () => {
    await refused('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', "ATTACHMENT_DAMAGED");
    await refused('<svg xmlns="http://example.com/">x</svg>', "ATTACHMENT_DAMAGED", /namespace|root/);
    await refused('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>', "ATTACHMENT_FORMAT");
    await refused('<!DOCTYPE svg SYSTEM "file:///etc/passwd" ><svg xmlns="http://www.w3.org/2000/svg"><!DOCTYPE x></svg>', "ATTACHMENT_DAMAGED");
    await refused(svg(`${"<g>".repeat(100_000)}${"</g>".repeat(100_000)}`), "ATTACHMENT_TOO_LARGE", /levels|elements/);
    await refused(svg("<rect/>".repeat(20_001)), "ATTACHMENT_TOO_LARGE", /elements/);
    const laughs = Array.from({ length: 12 }, (_, i) => `<g id="g${i + 1}">${`<use href="#g${i}"/>`.repeat(10)}</g>`).join("");
    await refused(svg(`<defs><rect id="g0" width="1" height="1"/>${laughs}</defs><use href="#g12"/>`), "ATTACHMENT_TOO_LARGE", /elements/);
    await refused(svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'), "ATTACHMENT_DAMAGED", /itself/);
    await refused(svg("<?php echo 1 ?>"), "ATTACHMENT_DAMAGED");
    await refused(Buffer.concat([Buffer.from(svg("").slice(0, -6)), Buffer.from([0xff, 0xfe]), Buffer.from("</svg>")]), "ATTACHMENT_DAMAGED", /UTF-8/);
    await refused(svg(`<text>${"x".repeat(2 * 1024 ** 2)}</text>`), "ATTACHMENT_TOO_LARGE", /bytes/);
  });
});

describe("PDF", () => {
  it("is kept as it is where every page can be read", async () => {
    const input = pdf({ pages: 3, packed: true });
    const { format, pages, width, out, small, notes } = await take(input);
    assert.deepEqual([format, pages, width, small, notes, out.equals(input)], ["pdf", 3, null, null, [], true]);
  });

  it("is refused where it is cut, broken or does more than show", async () => {
    const whole = pdf();
    await refused(whole.subarray(0, whole.length - 40), "ATTACHMENT_DAMAGED");
    await refused(Buffer.concat([whole, Buffer.from("<script>alert(1)</script>".repeat(3))]), "ATTACHMENT_DAMAGED");
    await refused("%PDF-1.7\nnothing\n%%EOF", "ATTACHMENT_DAMAGED");
    const broken = Buffer.from(pdf({ packed: true }));
    broken.fill(0, broken.indexOf("stream\n") + 7, broken.indexOf("\nendstream"));
    await refused(broken, "ATTACHMENT_DAMAGED");
    await refused(pdf({ extra: "/OpenAction<</S/JavaScript/JS(app.alert(1))>>" }), "ATTACHMENT_ACTIVE");
    await refused(pdf({ extra: "/OpenAction<</S /Launch/F(cmd.exe)>>" }), "ATTACHMENT_ACTIVE");
    await refused(pdf({ extra: "/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>", objects: ["<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>", "<</Length 1>>stream\nx\nendstream"] }), "ATTACHMENT_ACTIVE");
    await refused(pdf({ pages: 501 }), "ATTACHMENT_TOO_LARGE", /pages/);
  });
});
