/* What of SVG is kept: what draws, and nothing that fetches, runs or leads elsewhere. */

export const elements = new Set(
  `svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc linearGradient radialGradient stop pattern clipPath mask
  marker image switch style filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
  feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`.split(/\s+/),
);

/** Presentation, as attributes and in styles alike. */
export const properties = new Set(
  `alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters cx cy d direction display dominant-baseline fill fill-opacity fill-rule
  filter flood-color flood-opacity font font-family font-feature-settings font-kerning font-size font-size-adjust font-stretch font-style font-variant font-weight height
  image-rendering isolation letter-spacing lighting-color line-height marker marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity overflow paint-order
  r rx ry shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
  text-align text-anchor text-decoration text-overflow text-rendering transform transform-origin unicode-bidi vector-effect visibility white-space width word-spacing
  writing-mode x y -inkscape-font-specification enable-background`.split(/\s+/),
);

export const attributes = new Set([
  ...properties,
  ..."id class viewBox preserveAspectRatio version lang role tabindex requiredFeatures systemLanguage".split(" "),
  ...`amplitude azimuth baseFrequency bias clipPathUnits diffuseConstant divisor dx dy edgeMode elevation exponent filterUnits fx fy fr gradientTransform gradientUnits in in2
  intercept k1 k2 k3 k4 kernelMatrix kernelUnitLength lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits method mode numOctaves
  offset operator order orient pathLength patternContentUnits patternTransform patternUnits points pointsAtX pointsAtY pointsAtZ preserveAlpha primitiveUnits radius refX refY
  result rotate scale seed side slope spacing specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale tableValues targetX targetY
  textLength type values x1 x2 xChannelSelector y1 y2 yChannelSelector z`.split(/\s+/),
]);

/** A value that names nothing outside of the file: `url(#id)` is the only address. */
export function isPlain(value: string): boolean {
  const rest = value.replace(/url\(\s*(["']?)#[\w.:-]+\1\s*\)/g, "");
  // A backslash or a comment can write any word so that it is not seen here.
  return !/url\s*\(|image\s*\(|image-set|src\s*\(|expression|javascript:|\\|\/\*|@/i.test(rest);
}

/** The declarations of a style that are kept, and the names of those that are not. */
export function keepDeclarations(style: string): { text: string; removed: string[] } {
  const removed: string[] = [];
  const kept = style.replace(/\/\*[\s\S]*?\*\//g, "").split(";").flatMap((declaration) => {
    const at = declaration.indexOf(":");
    if (at === -1) return [];
    const [name, value] = [declaration.slice(0, at).trim().toLowerCase(), declaration.slice(at + 1).trim()];
    if (properties.has(name) && isPlain(value) && !/[{}<>]/.test(value)) return [`${name}:${value}`];
    removed.push(`style ${name}`);
    return [];
  });
  return { text: kept.join(";"), removed };
}

/** A style sheet of plain rules. Rules that begin with @ fetch or depend on the place: they go. */
export function keepSheet(sheet: string): { text: string; removed: string[] } {
  const removed: string[] = [];
  let text = "";
  const plain = sheet.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@[^{};]*(\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|;)/g, (rule) => {
    removed.push(`style ${/^@[\w-]*/.exec(rule)?.[0] ?? "@"}`);
    return "";
  });
  for (const [, selector = "", body = ""] of plain.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (!/^[\w\s.#,>+~*:()[\]="'-]+$/.test(selector)) {
      removed.push("style");
      continue;
    }
    const kept = keepDeclarations(body);
    removed.push(...kept.removed);
    if (kept.text !== "") text += `${selector.trim()}{${kept.text}}`;
  }
  return { text, removed };
}
