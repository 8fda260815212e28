import type { RowRule } from "../api/types.ts";

type Subject = RowRule["subject"];

/** A rule's subject as the value of a choice. */
export function writeSubject(subject: Subject): string {
  if (subject.kind === "everyone") return "everyone";
  return subject.kind === "role" ? `role ${subject.role}` : `${subject.kind} ${subject.id}`;
}

export function readSubject(text: string): Subject {
  const [kind, rest = ""] = text.split(" ");
  if (kind === "role") return { kind, role: rest === "editor" ? "editor" : "viewer" };
  return kind === "member" || kind === "group" ? { kind, id: rest } : { kind: "everyone" };
}
