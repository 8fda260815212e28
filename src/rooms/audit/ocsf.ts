import type { LoggedEvent } from "./event.ts";

/*
 * An event in the words of the Open Cybersecurity Schema Framework, 1.3, as security tools take it. All of it follows from
 * the event alone, so that a verifier can make it again; a change of what is made here needs a new `log_version`.
 */

const ocsfVersion = "1.3.0";
const logVersion = "1";

type Activity = [id: number, name: string];

interface EventClass {
  uid: number;
  name: string;
  category: [uid: number, name: string];
  /** By the verb of the action; another verb is 99. */
  activities: Record<string, Activity>;
  /** The resource is the person that it happens to. */
  isAboutUser?: boolean;
}

const iam: [number, string] = [3, "Identity & Access Management"];
const account: EventClass = {
  uid: 3001, name: "Account Change", category: iam, isAboutUser: true,
  activities: { create: [1, "Create"], delete: [6, "Delete"] },
};
const classes: Record<string, EventClass> = {
  user: account,
  password: { ...account, activities: { create: [3, "Password Change"], update: [3, "Password Change"], reset: [4, "Password Reset"] } },
  email: account,
  identity: account,
  "recovery-code": account,
  factor: { ...account, activities: { create: [10, "MFA Factor Enable"], delete: [11, "MFA Factor Disable"], reset: [11, "MFA Factor Disable"] } },
  session: { uid: 3002, name: "Authentication", category: iam, isAboutUser: true, activities: { create: [1, "Logon"], delete: [2, "Logoff"] } },
  member: {
    uid: 3005, name: "User Access Management", category: iam, isAboutUser: true,
    activities: { create: [1, "Assign Privileges"], update: [1, "Assign Privileges"], delete: [2, "Revoke Privileges"] },
  },
};
const read: Activity = [2, "Read"];
const update: Activity = [3, "Update"];
const remove: Activity = [4, "Delete"];
const api: EventClass = {
  uid: 6003, name: "API Activity", category: [6, "Application Activity"],
  activities: {
    create: [1, "Create"], import: [1, "Create"], read, download: read, export: read, update, publish: update, accept: update, delete: remove, revoke: remove, withdraw: remove,
  },
};

/** The object of one event. */
export function toOcsf(event: LoggedEvent): Record<string, unknown> {
  const [noun = "", verb = ""] = event.action.split(":");
  const kind = (Object.hasOwn(classes, noun) && classes[noun]) || api;
  const [activity, activityName] = (Object.hasOwn(kind.activities, verb) && kind.activities[verb]) || [99, verb];
  const { role } = event.facts;
  return {
    activity_id: activity,
    activity_name: activityName,
    actor: { ...(event.actor.id === null ? {} : { user: { uid: event.actor.id } }), app_name: `kliv ${event.actor.kind}` },
    api: { operation: event.action, service: { name: "Kliv" }, ...(event.requestId === null ? {} : { request: { uid: event.requestId } }) },
    category_name: kind.category[1],
    category_uid: kind.category[0],
    class_name: kind.name,
    class_uid: kind.uid,
    metadata: {
      log_name: "audit", log_version: logVersion, product: { name: "Kliv", vendor_name: "Kliv" }, uid: event.id, version: ocsfVersion,
      ...(event.team === null ? {} : { tenant_uid: event.team }),
    },
    ...(kind.uid === 3002 ? { service: { name: "Kliv" } } : {}),
    ...(kind.uid === 3005 ? { privileges: typeof role === "string" ? [role] : [] } : {}),
    resources: [{ type: event.resource.kind, uid: event.resource.id }],
    severity: "Informational",
    severity_id: 1,
    src_endpoint: event.address === null ? { name: event.actor.kind } : { ip: event.address },
    status: "Success",
    status_id: 1,
    time: Date.parse(event.at),
    type_name: `${kind.name}: ${activityName}`,
    type_uid: kind.uid * 100 + activity,
    ...(kind.isAboutUser ? { user: { uid: event.resource.id } } : {}),
  };
}
