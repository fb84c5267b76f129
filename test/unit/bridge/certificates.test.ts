import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { extraCertificates } from "../../../bridge/local/certificates.ts";

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

test("the certificates of all files are found once each, and a missing file is no error", async () => {
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  const [one, two] = [join(folder, "one.pem"), join(folder, "two.pem")];
  await writeFile(one, `# a comment\n${pem("QQ==")}\n${pem("Qg==")}\n`);
  await writeFile(two, pem("Qg=="));

  expect(await extraCertificates([one, undefined, "", two, join(folder, "none.pem")])).toEqual([pem("QQ=="), pem("Qg==")]);
  await rm(folder, { recursive: true });
});
