import type { NodeFile } from '../../files';
import { keeperFolder, nodeCommand, rootFile, rootScript } from '../paths';
import { asidePy } from './aside';
import { certificatesPy } from './certificates';
import { changePy } from './change';
import { nodeCommandPy } from './command';
import { handoverPy } from './handover';
import { keeperPy } from './keeper';
import { rulesPy } from './rules';
import { settingsPy } from './settings';
import { surveyPy } from './survey';
import { watchPy } from './watch';
import { wirePy } from './wire';
import { wordsPy } from './words';

/** Files of the keeper, the same on every node of every tier. */
export const keeperFiles: readonly NodeFile[] = [
  rootFile(`${keeperFolder}/wire.py`, wirePy),
  rootFile(`${keeperFolder}/settings.py`, settingsPy),
  rootFile(`${keeperFolder}/survey.py`, surveyPy),
  rootFile(`${keeperFolder}/rules.py`, rulesPy),
  rootFile(`${keeperFolder}/aside.py`, asidePy),
  rootFile(`${keeperFolder}/certificates.py`, certificatesPy),
  rootFile(`${keeperFolder}/handover.py`, handoverPy),
  rootFile(`${keeperFolder}/words.py`, wordsPy),
  rootFile(`${keeperFolder}/change.py`, changePy),
  rootFile(`${keeperFolder}/watch.py`, watchPy),
  rootFile(`${keeperFolder}/keeper.py`, keeperPy),
  rootScript(nodeCommand, nodeCommandPy),
];
