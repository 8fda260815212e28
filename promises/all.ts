import type { PromiseDefinition } from "#src/rooms/trust/promise.ts";
import access1 from "./ACCESS-1.ts";
import access2 from "./ACCESS-2.ts";
import access3 from "./ACCESS-3.ts";
import access4 from "./ACCESS-4.ts";
import access5 from "./ACCESS-5.ts";
import access6 from "./ACCESS-6.ts";
import access7 from "./ACCESS-7.ts";
import asset1 from "./ASSET-1.ts";
import backup1 from "./BACKUP-1.ts";
import backup2 from "./BACKUP-2.ts";
import backup3 from "./BACKUP-3.ts";
import backup4 from "./BACKUP-4.ts";
import backup5 from "./BACKUP-5.ts";
import backup6 from "./BACKUP-6.ts";
import change1 from "./CHANGE-1.ts";
import change2 from "./CHANGE-2.ts";
import change3 from "./CHANGE-3.ts";
import change4 from "./CHANGE-4.ts";
import change5 from "./CHANGE-5.ts";
import change6 from "./CHANGE-6.ts";
import change7 from "./CHANGE-7.ts";
import cont1 from "./CONT-1.ts";
import cont2 from "./CONT-2.ts";
import corp1 from "./CORP-1.ts";
import corp2 from "./CORP-2.ts";
import corp3 from "./CORP-3.ts";
import del1 from "./DEL-1.ts";
import del2 from "./DEL-2.ts";
import del3 from "./DEL-3.ts";
import del4 from "./DEL-4.ts";
import del5 from "./DEL-5.ts";
import del6 from "./DEL-6.ts";
import dr1 from "./DR-1.ts";
import dr2 from "./DR-2.ts";
import dr3 from "./DR-3.ts";
import env1 from "./ENV-1.ts";
import env2 from "./ENV-2.ts";
import env3 from "./ENV-3.ts";
import host1 from "./HOST-1.ts";
import host2 from "./HOST-2.ts";
import host3 from "./HOST-3.ts";
import inc1 from "./INC-1.ts";
import key1 from "./KEY-1.ts";
import key2 from "./KEY-2.ts";
import key3 from "./KEY-3.ts";
import log1 from "./LOG-1.ts";
import log2 from "./LOG-2.ts";
import log3 from "./LOG-3.ts";
import login1 from "./LOGIN-1.ts";
import login2 from "./LOGIN-2.ts";
import login3 from "./LOGIN-3.ts";
import login4 from "./LOGIN-4.ts";
import login5 from "./LOGIN-5.ts";
import login6 from "./LOGIN-6.ts";
import login7 from "./LOGIN-7.ts";
import maint1 from "./MAINT-1.ts";
import maint2 from "./MAINT-2.ts";
import net1 from "./NET-1.ts";
import net2 from "./NET-2.ts";
import phys1 from "./PHYS-1.ts";
import phys2 from "./PHYS-2.ts";
import port1 from "./PORT-1.ts";
import port2 from "./PORT-2.ts";
import rest1 from "./REST-1.ts";
import rest2 from "./REST-2.ts";
import rest3 from "./REST-3.ts";
import staff1 from "./STAFF-1.ts";
import staff2 from "./STAFF-2.ts";
import staff3 from "./STAFF-3.ts";
import staff4 from "./STAFF-4.ts";
import third1 from "./THIRD-1.ts";
import tls1 from "./TLS-1.ts";
import tls2 from "./TLS-2.ts";
import valid1 from "./VALID-1.ts";

/** All of them, in the order of the security page. */
export const allPromises: readonly PromiseDefinition[] = [
  host1, host2, host3,
  env1, env2, env3,
  net1, net2,
  login1, login2, login3, login4, login5, login6, login7,
  access1, access2, access3, access4, access5, access6, access7,
  third1,
  phys1, phys2,
  corp1, corp2, corp3,
  tls1, tls2,
  rest1, rest2, rest3,
  key1, key2, key3,
  del1, del2, del3, del4, del5, del6,
  change1, change2, change3, change4, change5, change6, change7,
  log1, log2, log3,
  asset1,
  valid1,
  backup1, backup2, backup3, backup4, backup5, backup6,
  port1, port2,
  cont1, cont2, dr1, dr2, dr3,
  inc1,
  staff1, staff2, staff3, staff4,
  maint1, maint2,
];
