/**
 * `npm run bench -- observe`: what a scrape costs, our exporters beside the same with stock flags, in one run.
 */
const { join } = require('node:path');
const { createJiti } = require('jiti');

createJiti(__filename)
  .import(join(__dirname, 'observe/main.ts'))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 3;
  });
