import assert from "node:assert/strict";
import { it } from "node:test";
import { readRoles, writeRoles } from "./roles.ts";

it("a table of roles is read and written, and says which line it does not understand", () => {
  const text = "cn=kliv,ou=groups = Editor\n\n  閲覧者=viewer \nadmins=ADMIN";
  const { roles, wrong } = readRoles(text);
  assert.deepEqual([roles, wrong], [{ "cn=kliv,ou=groups": "editor", 閲覧者: "viewer", admins: "admin" }, null]);
  assert.deepEqual(readRoles(writeRoles(roles)).roles, roles);
  for (const line of ["staff", "staff=owner", "=admin", "staff="]) assert.equal(readRoles(`a=viewer\n${line}`).wrong, line);
});
