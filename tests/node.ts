/* One more node of an installation, as a process of its own: for tests that need two. */
import { startTestServer } from "./server.ts";

const kliv = await startTestServer(JSON.parse(process.argv[2] ?? "{}"));
process.on("message", (message: { move?: number; stop?: true }) => {
  if (message.move !== undefined) kliv.clock.move(message.move);
  if (message.stop) void kliv.stop().then(() => process.exit(0));
  else process.send?.({ moved: message.move });
});
process.on("disconnect", () => void kliv.stop().then(() => process.exit(0)));
process.send?.({ port: kliv.config.port, ca: kliv.ca.toString() });
