import { DropdownMenu as Radix } from "radix-ui";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

const row =
  "flex items-center gap-2.5 min-h-9 px-2.5 rounded-md text-[0.93rem] outline-none select-none data-[highlighted]:bg-paper-3 data-[disabled]:opacity-45 data-[disabled]:pointer-events-none";

/** A menu that opens from a button. */
export function Menu({ trigger, children, align = "end" }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end" }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => { if (document.activeElement !== document.body && !(event.currentTarget as Element).contains(document.activeElement)) event.preventDefault(); }}
          className="z-50 min-w-[200px] max-w-[min(92vw,320px)] max-h-[max(240px,var(--radix-dropdown-menu-content-available-height))] overflow-y-auto rounded-lg border border-line bg-paper p-1 shadow-xl motion-safe:animate-[rise_120ms_ease-out]"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  icon?: ReactNode;
  onPick?: () => void;
  danger?: boolean;
  disabled?: boolean;
  children: ReactNode;
  hint?: string;
  /** The menu stays open, so that it can be picked again and again. */
  stays?: boolean;
}

export function MenuItem({ icon, onPick, danger, disabled, children, hint, stays }: ItemProps) {
  return (
    <Radix.Item className={`${row} ${danger ? "text-bad" : ""}`} onSelect={(event) => { if (stays) event.preventDefault(); onPick?.(); }} disabled={disabled}>
      {icon}
      <span className="grow">{children}</span>
      {hint ? <span className="text-ink-2 text-[0.82rem]">{hint}</span> : null}
    </Radix.Item>
  );
}

/** An item that is a link: the child element is the link itself. */
export function MenuLink({ children }: { children: ReactNode }) {
  return <Radix.Item asChild className={`${row} no-underline`}>{children}</Radix.Item>;
}

export function MenuChoices<T extends string>({ label, value, options, onPick }: { label: string; value: T; options: { value: T; label: string }[]; onPick: (value: T) => void }) {
  return (
    <>
      <MenuNote>{label}</MenuNote>
      <Radix.RadioGroup value={value} onValueChange={(next) => onPick(next as T)}>
        {options.map((option) => (
          <Radix.RadioItem key={option.value} value={option.value} className={row}>
            <span className="w-4 inline-flex"><Radix.ItemIndicator><Check size={15} aria-hidden /></Radix.ItemIndicator></span>
            {option.label}
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </>
  );
}

/** Words about what follows. */
export function MenuNote({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-[0.78rem] font-medium text-ink-2">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="h-px bg-line my-1" />;
}
