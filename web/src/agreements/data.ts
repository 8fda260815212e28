import { list } from "../api/data.ts";

export interface AgreementVersion {
  kind: string;
  version: number;
  changes: { en: string; ja: string } | null;
  effectiveAt: string;
}

export interface Accepted {
  kind: string;
  version: number;
  title: { en: string; ja: string };
  acceptedAt: string;
  method: "sign-up" | "asked";
}

export interface TeamAgreement {
  id: string;
  title: string;
  reference: string;
  agreedOn: string;
  imported: boolean;
}

export const agreementsData = list<AgreementVersion>(["agreements"], "/api/v1/agreements");
export const acceptedData = list<Accepted>(["accepted"], "/api/v1/me/agreements");
export const teamAgreementsData = (team: string) => list<TeamAgreement>(["team-agreements", team], `/api/v1/teams/${encodeURIComponent(team)}/agreements`);
