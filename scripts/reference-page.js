/** The reference page of the config, from its JSON Schema. */
function referencePage(schema) {
  const sections = Object.entries(schema.definitions).filter(([, definition]) => definition.properties);
  const types = Object.entries(schema.definitions).filter(([, definition]) => !definition.properties);
  return [
    '# The config',
    '',
    'Every field of a cache tier. This page is made from `constructs/tier/config.ts` by `npm run schema`.',
    '',
    '## CacheTierConfig',
    '',
    schema.description,
    '',
    ...fields(schema),
    ...sections.flatMap(([name, definition]) => section(name, definition)),
    '## Types of values',
    '',
    ...types.flatMap(([name, definition]) => [`### ${name}`, '', describe(definition), '', ...values(definition)]),
  ].join('\n');
}

function section(name, definition) {
  return [`## ${title(name)}`, '', describe(definition), '', ...fields(definition)];
}

/** `Omit<X,"kind">` is the same fields without `kind`. */
function title(name) {
  const omitted = /^Omit<(\w+),/.exec(decodeURIComponent(name));
  return omitted ? `${omitted[1]} without kind` : name;
}

function describe(definition) {
  return definition.description ?? '';
}

function fields(definition) {
  const required = new Set(definition.required ?? []);
  return Object.entries(definition.properties).flatMap(([name, field]) => [
    `### \`${name}\``,
    '',
    `${typeOf(field)}${required.has(name) ? ', required' : ''}`,
    '',
    ...(field.description ? [field.description, ''] : []),
    ...(field.default === undefined ? [] : [`Default: ${defaultOf(field.default)}`, '']),
  ]);
}

function typeOf(field) {
  if (field.$ref) return link(field.$ref);
  if (field.anyOf) return field.anyOf.map(typeOf).join(' or ');
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (field.type === 'array') return `list of ${typeOf(field.items)}`;
  if (field.type === 'object') return 'names and values';
  if (Array.isArray(field.type)) return field.type.join(' or ');
  return [field.type, ...bounds(field)].join(', ');
}

function bounds(field) {
  const { minimum, maximum, minLength, maxLength } = field;
  return [
    ...(minimum === undefined && maximum === undefined ? [] : [`${minimum ?? '…'} to ${maximum ?? '…'}`]),
    ...(minLength === undefined && maxLength === undefined
      ? []
      : [`${minLength ?? 0} to ${maxLength ?? '…'} characters`]),
  ];
}

function link(ref) {
  const name = title(ref.replace('#/definitions/', ''));
  return `[${name}](#${name.toLowerCase().replaceAll(' ', '-')})`;
}

function values(definition) {
  if (definition.enum) return [definition.enum.map((value) => `\`${value}\``).join(', '), ''];
  if (definition.pattern) return [`Form: \`${definition.pattern}\``, ''];
  if (definition.oneOf) return [definition.oneOf.map(typeOf).join(', '), ''];
  return [];
}

function defaultOf(value) {
  return typeof value === 'string' && value.startsWith('- ')
    ? value.slice(2).replaceAll('\n', ' ')
    : `\`${JSON.stringify(value)}\``;
}

module.exports = { referencePage };
