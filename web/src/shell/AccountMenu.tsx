import { Link } from "@tanstack/react-router";
import { BookOpen, KeyRound, LogOut, Plus, ScrollText, ShieldCheck, User, Users } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { signOut } from "../account/signOut.ts";
import { NewTeamForm } from "../team/FirstTeam.tsx";
import { useSigned } from "../team/team.tsx";
import { setLanguage, useLanguage, useWords } from "../words/language.ts";
import type { Language } from "../words/language.ts";
import { Dialog } from "./Dialog.tsx";
import { Menu, MenuChoices, MenuItem, MenuLine, MenuLink } from "./Menu.tsx";
import { setLook, useLook } from "./look.ts";
import type { Look } from "./look.ts";

/** Switches the language here and, so that mail comes in it too, in the account. */
export function chooseLanguage(language: Language): void {
  setLanguage(language);
  void call("/api/v1/me", { method: "PATCH", body: { language } }).catch(() => undefined);
}

export function AccountMenu() {
  const words = useWords();
  const language = useLanguage();
  const look = useLook();
  const { me, team, pick, mayAdminister } = useSigned();
  const [newTeam, setNewTeam] = useState(false);
  const initial = [...(me.user.name || me.user.email)][0]?.toUpperCase() ?? "?";
  return (
    <>
      <Menu
        trigger={
          <button type="button" aria-label={`${words.nav.you}: ${team.name}`} title={`${me.user.name} · ${team.name}`} className="inline-flex items-center gap-2 min-h-9 pl-1 pr-1 lg:pr-2.5 rounded-full hover:bg-paper-3">
            <span className="size-[30px] rounded-full bg-accent-soft text-accent-2 inline-flex items-center justify-center font-semibold text-[0.9rem] before:content-[attr(data-initial)]" data-initial={initial} aria-hidden />
            <span className="hidden lg:block max-w-[180px] truncate text-[0.9rem] font-medium">{team.name}</span>
          </button>
        }
      >
        <div className="px-2.5 py-2">
          <p className="font-semibold leading-snug">{me.user.name}</p>
          <p className="text-[0.84rem] text-ink-2">{me.user.email}</p>
        </div>
        <MenuLine />
        {me.teams.length > 1 ? <MenuChoices label={words.nav.switchTeam} value={team.id} onPick={pick} options={me.teams.map((one) => ({ value: one.id, label: one.name }))} /> : null}
        <MenuLink><Link to="/team"><Users size={16} aria-hidden />{words.nav.team}</Link></MenuLink>
        {mayAdminister ? <MenuLink><Link to="/audit"><ScrollText size={16} aria-hidden />{words.audit.title}</Link></MenuLink> : null}
        <MenuLink><Link to="/tokens"><KeyRound size={16} aria-hidden />{words.nav.tokens}</Link></MenuLink>
        <MenuLink><Link to="/account"><User size={16} aria-hidden />{words.nav.account}</Link></MenuLink>
        <MenuItem icon={<Plus size={16} aria-hidden />} onPick={() => setNewTeam(true)}>{words.nav.newTeam}</MenuItem>
        <MenuLine />
        <MenuLink><a href="/trust"><ShieldCheck size={16} aria-hidden />{words.nav.trust}</a></MenuLink>
        <MenuLink><a href="/api/docs"><BookOpen size={16} aria-hidden />{words.nav.apiDocs}</a></MenuLink>
        <MenuLine />
        <MenuChoices<Language> label={words.nav.language} value={language} onPick={chooseLanguage} options={[{ value: "en", label: "English" }, { value: "ja", label: "日本語" }]} />
        <MenuChoices<Look>
          label={words.nav.look}
          value={look}
          onPick={setLook}
          options={(["system", "light", "dark"] as const).map((value) => ({ value, label: words.look[value] }))}
        />
        <MenuLine />
        <MenuItem icon={<LogOut size={16} aria-hidden />} onPick={() => void signOut()}>{words.nav.signOut}</MenuItem>
        <MenuLine />
        <div className="flex text-[0.86rem] text-ink-2">
          <MenuLink><a href="/privacy">{words.agreements.short.privacy}</a></MenuLink>
          <MenuLink><a href="/terms">{words.agreements.short.terms}</a></MenuLink>
        </div>
      </Menu>
      <Dialog open={newTeam} onClose={() => setNewTeam(false)} title={words.nav.newTeam}>
        <NewTeamForm suggested="" onMade={(made) => { pick(made); setNewTeam(false); }} />
      </Dialog>
    </>
  );
}
