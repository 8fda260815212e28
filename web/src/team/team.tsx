import { useSuspenseQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { meData } from "../api/data.ts";
import type { Me, Team } from "../api/types.ts";

const key = "kliv.team";

/** The team that is looked at from the next load on. */
export function pickTeam(team: string): void {
  localStorage.setItem(key, team);
}

interface Signed {
  me: Me;
  /** The team whose things are shown. */
  team: Team;
  pick: (team: string) => void;
  mayEdit: boolean;
  mayAdminister: boolean;
}

const Context = createContext<Signed | null>(null);

/** Who is signed in, and the team that is looked at. Only inside the signed-in part. */
export function useSigned(): Signed {
  const signed = useContext(Context);
  if (!signed) throw new Error("useSigned outside of the signed-in part");
  return signed;
}

/** Chooses the team looked at last, or the first; without any, shows what to do about it. */
export function TeamProvider({ children, without }: { children: ReactNode; without: (me: Me) => ReactNode }) {
  const { data: me } = useSuspenseQuery(meData);
  const [picked, setPicked] = useState(() => localStorage.getItem(key));
  const team = me?.teams.find((one) => one.id === picked) ?? me?.teams.find((one) => !one.withheld) ?? me?.teams[0];
  const signed = useMemo(() => {
    if (!me || !team) return null;
    const pick = (id: string): void => {
      pickTeam(id);
      setPicked(id);
    };
    const mayEdit = team.role !== "viewer" && !team.withheld;
    return { me, team, pick, mayEdit, mayAdminister: (team.role === "owner" || team.role === "admin") && !team.withheld };
  }, [me, team]);
  if (!me) return null;
  if (!signed) return <>{without(me)}</>;
  return <Context.Provider value={signed}>{children}</Context.Provider>;
}
