import { Link, Outlet } from "@tanstack/react-router";
import { Languages } from "lucide-react";
import { setLanguage, useLanguage, useWords } from "../words/language.ts";
import { Button } from "./Button.tsx";
import { Logo } from "./Logo.tsx";

/** The frame of pages for people who are not signed in. */
export function Outside() {
  const words = useWords();
  return (
    <div className="min-h-dvh flex flex-col bg-paper-2">
      <header className="flex items-center justify-between gap-4 px-4 sm:px-6 py-3.5">
        <Link to="/" aria-label="Kliv" className="no-underline"><Logo /></Link>
        <OtherLanguage />
      </header>
      <main className="grow flex flex-col items-center px-4 pt-[6vh] pb-12"><Outlet /></main>
      <footer className="px-4 py-5 flex flex-wrap justify-center gap-x-5 gap-y-1 text-[0.86rem] text-ink-2">
        <a className="hover:text-ink py-1" href="/gallery">{words.nav.gallery}</a>
        <a className="hover:text-ink py-1" href="/trust">{words.nav.trust}</a>
        <a className="hover:text-ink py-1" href="/status">{words.nav.status}</a>
        <a className="hover:text-ink py-1" href="/api/docs">{words.nav.apiDocs}</a>
        <a className="hover:text-ink py-1" href="/privacy">{words.agreements.links.privacy}</a>
        <a className="hover:text-ink py-1" href="/terms">{words.agreements.links.terms}</a>
      </footer>
    </div>
  );
}

export function OtherLanguage() {
  const other = useLanguage() === "en" ? "ja" : "en";
  return (
    <Button look="quiet" size="small" icon={<Languages size={16} aria-hidden />} lang={other} onClick={() => setLanguage(other)}>
      {other === "ja" ? "日本語" : "English"}
    </Button>
  );
}
