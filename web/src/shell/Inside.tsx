import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { ChevronDown, Database, Menu as MenuIcon, Plus, Upload, FileText, X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useState } from "react";
import { AgreementGate } from "../agreements/AgreementGate.tsx";
import { factorsData } from "../api/data.ts";
import { DropAnywhere } from "../databases/DropAnywhere.tsx";
import { UploadsPill } from "../databases/UploadsPill.tsx";
import { useNewReport } from "../reports/useNewReport.ts";
import { ClosedTeam } from "../team/FactorRequirement.tsx";
import { FirstTeam } from "../team/FirstTeam.tsx";
import { TeamProvider, useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { IconButton, buttonClass } from "./Button.tsx";
import { Logo } from "./Logo.tsx";
import { Menu, MenuItem } from "./Menu.tsx";

/** The frame of every page for people who are signed in. */
export function Inside() {
  return (
    <AgreementGate>
      <TeamProvider without={(me) => <FirstTeam me={me} />}>
        <Frame />
      </TeamProvider>
    </AgreementGate>
  );
}

function Frame() {
  const words = useWords();
  const { mayEdit } = useSigned();
  return (
    <div className="min-h-dvh flex flex-col">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:top-2 focus:left-2 focus:bg-paper focus:px-3 focus:py-2 focus:rounded-md focus:shadow-lg">{words.nav.skip}</a>
      <header className="sticky top-0 z-30 bg-paper/95 backdrop-blur border-b border-line">
        <div className="flex items-center gap-1 sm:gap-2 h-14 px-3 sm:px-5">
          <PhoneMenu />
          <Link to="/" aria-label={`Kliv: ${words.nav.home}`} className="no-underline mr-2 px-1 py-1 rounded-md"><Logo /></Link>
          <nav aria-label={words.nav.main} className="hidden md:flex items-center gap-0.5"><NavLinks /></nav>
          <div className="grow" />
          <UploadsPill />
          {mayEdit ? <CreateMenu /> : null}
          <AccountMenu />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="grow flex flex-col focus:outline-none"><Content /></main>
      {mayEdit ? <DropAnywhere /> : null}
    </div>
  );
}

/** The page, unless it is of a team that is kept from this session; the account is the person's own. */
function Content() {
  const { team } = useSigned();
  const isOwn = useLocation({ select: ({ pathname }) => pathname.startsWith("/account") });
  const factors = useQuery({ ...factorsData, enabled: team.withheld });
  if (!team.withheld || isOwn) return <Outlet />;
  return factors.data ? <ClosedTeam hasFactors={factors.data.totp !== null || factors.data.passkeys.length > 0} /> : null;
}

function NavLinks({ onGo }: { onGo?: () => void }) {
  const words = useWords();
  const item = "inline-flex items-center min-h-9 px-3 rounded-[7px] text-[0.93rem] font-medium text-ink-2 no-underline hover:text-ink hover:bg-paper-3";
  const active = { className: "!text-ink bg-paper-3" };
  return (
    <>
      <Link to="/databases" className={item} activeProps={active} onClick={onGo}>{words.nav.databases}</Link>
      <Link to="/reports" className={item} activeProps={active} onClick={onGo}>{words.nav.reports}</Link>
      <a href="/gallery" className={item}>{words.nav.gallery}</a>
    </>
  );
}

function PhoneMenu() {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>
        <IconButton label={words.nav.menu} className="md:hidden"><MenuIcon size={20} aria-hidden /></IconButton>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40 md:hidden" />
        <Radix.Content aria-describedby={undefined} className="fixed z-50 inset-y-0 left-0 w-[min(80vw,300px)] bg-paper border-r border-line p-4 flex flex-col gap-1 shadow-2xl md:hidden focus:outline-none">
          <div className="flex items-center justify-between mb-3">
            <Radix.Title className="sr-only">{words.nav.menu}</Radix.Title>
            <Logo />
            <Radix.Close asChild><IconButton label={words.nav.closeMenu}><X size={20} aria-hidden /></IconButton></Radix.Close>
          </div>
          <nav aria-label={words.nav.main} className="grid gap-1 [&>a]:min-h-11">
            <Link to="/" className="inline-flex items-center px-3 rounded-[7px] font-medium text-ink-2 no-underline" activeProps={{ className: "!text-ink bg-paper-3" }} activeOptions={{ exact: true }} onClick={close}>{words.nav.home}</Link>
            <NavLinks onGo={close} />
          </nav>
          <div className="grow" />
          <div className="grid gap-0.5 text-[0.88rem] text-ink-2">
            <a className="px-3 py-1.5" href="/trust">{words.nav.trust}</a>
            <a className="px-3 py-1.5" href="/status">{words.nav.status}</a>
            <a className="px-3 py-1.5" href="/privacy">{words.agreements.links.privacy}</a>
            <a className="px-3 py-1.5" href="/terms">{words.agreements.links.terms}</a>
            <a className="px-3 py-1.5" href="/api/docs">{words.nav.apiDocs}</a>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function CreateMenu() {
  const words = useWords();
  const navigate = useNavigate();
  const newReport = useNewReport();
  return (
    <Menu
      trigger={
        <button type="button" aria-label={words.nav.create} className={buttonClass({ size: "small" })}>
          <Plus size={16} aria-hidden />
          <span className="hidden sm:inline">{words.nav.create}</span>
          <ChevronDown size={14} aria-hidden className="hidden sm:inline opacity-80" />
        </button>
      }
    >
      <MenuItem icon={<Upload size={16} aria-hidden />} onPick={() => void navigate({ to: "/databases/new" })}>{words.nav.newDatabase}</MenuItem>
      <MenuItem icon={<FileText size={16} aria-hidden />} onPick={() => newReport.create()}>{words.nav.newReport}</MenuItem>
      <MenuItem icon={<Database size={16} aria-hidden />} onPick={() => void navigate({ to: "/databases" })}>{words.databases.query}</MenuItem>
    </Menu>
  );
}
