import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  // One drawing code for Node and the browser: the charts room is shared as it stands.
  resolve: { alias: { "#src": new URL("../src", import.meta.url).pathname } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    // The app, and what the pages that the server writes need: their stylesheet and the script that brings them alive.
    rolldownOptions: { input: { app: new URL("index.html", import.meta.url).pathname, page: new URL("src/page/page.ts", import.meta.url).pathname } },
    target: "es2023",
    // The content policy allows no data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_200,
  },
});
