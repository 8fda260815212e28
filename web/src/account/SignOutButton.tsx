import { signOut } from "./signOut.ts";
import { Button } from "../shell/Button.tsx";
import { useWords } from "../words/language.ts";

export function SignOutButton() {
  const words = useWords();
  return <Button onClick={() => void signOut()}>{words.account.signOut}</Button>;
}
