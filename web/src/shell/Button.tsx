import type { ComponentProps, ReactNode } from "react";

export type Look = "primary" | "secondary" | "quiet" | "danger";

const base =
  "inline-flex items-center justify-center gap-1.5 rounded-[7px] font-medium leading-tight transition-colors select-none disabled:opacity-50 disabled:cursor-not-allowed aria-disabled:opacity-50 no-underline shrink-0";
const sizes = { normal: "min-h-[38px] px-3.5 text-[0.93rem]", small: "min-h-[32px] px-2.5 text-[0.87rem]" };
const looks: Record<Look, string> = {
  primary: "bg-accent text-accent-ink hover:bg-accent-2",
  secondary: "border border-line-2/60 bg-paper text-ink hover:bg-paper-2 hover:border-line-2",
  quiet: "text-ink-2 hover:text-ink hover:bg-paper-3",
  danger: "border border-bad/50 text-bad bg-paper hover:bg-bad-soft",
};

interface Common {
  look?: Look;
  size?: "normal" | "small";
  icon?: ReactNode;
}

export function buttonClass({ look = "secondary", size = "normal", extra = "" }: { look?: Look; size?: "normal" | "small"; extra?: string }): string {
  return `${base} ${sizes[size]} ${looks[look]} ${extra}`;
}

export function Button({ look, size, icon, className, children, type = "button", ...rest }: Common & ComponentProps<"button">) {
  return (
    <button type={type} className={buttonClass({ look, size, extra: className })} {...rest}>
      {icon}
      {children}
    </button>
  );
}

/** A button that is a picture only: its name is said, and shown on hover. */
export function IconButton({ label, className = "", children, type = "button", ...rest }: { label: string } & ComponentProps<"button">) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={`inline-flex items-center justify-center min-w-8 min-h-8 rounded-[7px] text-ink-2 hover:text-ink hover:bg-paper-3 disabled:opacity-40 disabled:cursor-not-allowed ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
