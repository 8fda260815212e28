import { auditArch, judgedCalls, refusedCalls } from "./syscalls.ts";
import type { FilteredArch, Numbers } from "./syscalls.ts";

/*
 * The filter of system calls, as the kernel takes it: classic BPF over `struct seccomp_data`
 * (https://docs.kernel.org/userspace-api/seccomp_filter.html). Bubblewrap installs it right before it starts the
 * child, and nothing takes it away again.
 */

/** Offsets in `struct seccomp_data`; the low half of an argument, both machines being little endian. */
const data = { number: 0, arch: 4, argument: (index: number) => 16 + 8 * index };
const code = { load: 0x20, equal: 0x15, atLeast: 0x35, anySet: 0x45, return: 0x06 };
export const answers = { allow: 0x7fff0000, killProcess: 0x80000000, refuse: (errno: number) => 0x00050000 | errno };
const errnos = { EPERM: 1, ENOSYS: 38 };

/** With this bit a call is one of the x32 machine's, which the numbers here know nothing of. */
const x32Bit = 0x40000000;
const cloneThread = 0x00010000;
/** Putting characters into a terminal's input, and a console's own tricks. */
const terminalTricks = [0x5412, 0x541c];

export const canFilter = (arch: string): arch is FilteredArch => Object.hasOwn(auditArch, arch);

/** The program for this machine's children. */
export function seccompProgram(arch: FilteredArch): Buffer {
  const numberOf = (numbers: Numbers): number | null => numbers[arch === "x64" ? 0 : 1];
  const program = new Program();
  program.load(data.arch);
  program.when(code.equal, auditArch[arch], { otherwise: answers.killProcess });
  program.load(data.number);
  if (arch === "x64") program.answerWhen(code.atLeast, x32Bit, answers.killProcess);
  for (const numbers of Object.values(refusedCalls)) {
    const number = numberOf(numbers);
    if (number !== null) program.answerWhen(code.equal, number, answers.refuse(errnos.EPERM));
  }
  // Its flags lie in memory, where no filter looks: whoever hears that there is no such call takes the older one.
  program.answerWhen(code.equal, numberOf(judgedCalls.clone3)!, answers.refuse(errnos.ENOSYS));
  // A thread is a part of the process; anything else would be another one.
  program.within(numberOf(judgedCalls.clone)!, (judged) => {
    judged.load(data.argument(0));
    judged.when(code.anySet, cloneThread, { otherwise: answers.refuse(errnos.EPERM) });
  });
  program.within(numberOf(judgedCalls.ioctl)!, (judged) => {
    judged.load(data.argument(1));
    for (const trick of terminalTricks) judged.answerWhen(code.equal, trick, answers.refuse(errnos.EPERM));
  });
  program.answer(answers.allow);
  return program.bytes();
}

interface Instruction {
  code: number;
  ifTrue: number;
  ifFalse: number;
  value: number;
}

/** Written from top to bottom; jumps only skip what follows at once, so that none can be too far. */
class Program {
  readonly instructions: Instruction[] = [];

  load(offset: number): void {
    this.add(code.load, offset);
  }

  answer(value: number): void {
    this.add(code.return, value);
  }

  answerWhen(test: number, value: number, answer: number): void {
    this.add(test, value, { ifFalse: 1 });
    this.answer(answer);
  }

  /** Goes on where the test holds. */
  when(test: number, value: number, { otherwise }: { otherwise: number }): void {
    this.add(test, value, { ifTrue: 1 });
    this.answer(otherwise);
  }

  /** For one call only; what is not answered there is allowed. */
  within(number: number, write: (judged: Program) => void): void {
    const judged = new Program();
    write(judged);
    judged.answer(answers.allow);
    this.add(code.equal, number, { ifFalse: judged.instructions.length });
    this.instructions.push(...judged.instructions);
  }

  /** As an array of `struct sock_filter`. */
  bytes(): Buffer {
    const bytes = Buffer.alloc(8 * this.instructions.length);
    this.instructions.forEach((one, at) => {
      bytes.writeUInt16LE(one.code, 8 * at);
      bytes.writeUInt8(one.ifTrue, 8 * at + 2);
      bytes.writeUInt8(one.ifFalse, 8 * at + 3);
      bytes.writeUInt32LE(one.value, 8 * at + 4);
    });
    return bytes;
  }

  private add(instruction: number, value: number, { ifTrue = 0, ifFalse = 0 } = {}): void {
    this.instructions.push({ code: instruction, ifTrue, ifFalse, value });
  }
}
