import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/api.ts";
import type { Page } from "../api/types.ts";

export type GivenRole = "viewer" | "editor" | "admin";

export interface Certificate {
  fingerprint: string;
  subject: string;
  expiresAt: string;
}

export interface Connection {
  id: string;
  name: string;
  isEnabled: boolean;
  idp: { entityId: string; ssoUrl: string; sloUrl: string | null; certificates: Certificate[]; metadataUrl: string | null; readAt: string };
  sp: { entityId: string; metadataUrl: string; acsUrl: string; idpInitiatedUrl: string; sloUrl: string };
  keys: { id: string; use: string; state: "next" | "current" | "old"; fingerprint: string; expiresAt: string }[];
  signInUrl: string;
  signsRequests: boolean;
  idpInitiated: boolean;
  emailAttribute: string | null;
  nameAttribute: string | null;
  roleAttribute: string | null;
  roles: Record<string, GivenRole>;
  defaultRole: GivenRole | null;
  refusal: { reason: string; at: string } | null;
}

export interface Domain {
  domain: string;
  record: { name: string; type: string; value: string };
  verifiedAt: string | null;
  ssoRequired: boolean;
}

export interface Directory {
  isOn: boolean;
  url: string;
  createdAt: string | null;
  lastUsedAt: string | null;
}

export const connectionsPath = (team: string): string => `/api/v1/teams/${encodeURIComponent(team)}/sso-connections`;
export const connectionPath = (team: string, id: string): string => `${connectionsPath(team)}/${encodeURIComponent(id)}`;
export const domainsPath = (team: string): string => `/api/v1/teams/${encodeURIComponent(team)}/domains`;
export const ssoPath = (team: string): string => `/api/v1/teams/${encodeURIComponent(team)}/sso`;

const read = <T>(key: string[], path: string) => queryOptions({ queryKey: ["sso", ...key], queryFn: ({ signal }) => call<T>(path, { signal }) });

export const connectionsData = (team: string) => read<Page<Connection>>([team, "connections"], `${connectionsPath(team)}?limit=200`);
export const domainsData = (team: string) => read<Page<Domain>>([team, "domains"], domainsPath(team));
export const ssoData = (team: string) => read<{ breakGlassUser: string | null }>([team, "settings"], ssoPath(team));
export const directoryData = (team: string, id: string) => read<Directory>([team, "connections", id, "directory"], `${connectionPath(team, id)}/directory`);
