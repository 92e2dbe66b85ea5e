import { END } from '../forge.js'
import { G, holds, ID, refused, type TokenCase } from './case.js'

/** Tokens for so many downloads. */
export const downloadLimits: readonly TokenCase[] = [
  holds('one download', [`e${END}~i${ID}~l1~og`]),
  holds('2^53 - 1 downloads', [`e${END}~l9007199254740991~og`]),
  holds('same limit, another id', [`e${END}~i${'B'.repeat(16)}~l1~og`]),
  holds('every limit counts apart', [`e${END}~i${ID}~l5~og`, `i${ID}~l9`, 'n1', 'l2']),
  holds('limit that a token kept from the one it was made from', [`e${END}~i${ID}~l1~og`, ['m5~p0', '']]),
  holds('limit of a block outlives its end in a later block', [
    `e${END}~l1~og`,
    `e${END - 60}~l1`,
    `e${END - 90}`,
  ]),
  holds('ids of both blocks', [`e${END}~i${ID}~og`, `i${'B'.repeat(16)}~l1`]),
  holds('id of a later block, behind none', [G, `i${ID}~l1`]),
  holds('limit of a prefix is one for all its keys', [[`e${END}~i${ID}~l3~og~p8`, 'reports/']]),
  holds('a limit with a window', [`e${END}~i${ID}~l1~og~y600`]),
  holds('the shortest and the longest window', [`e${END}~l1~og~y1`, 'l2~y604800']),
  holds('each limit has its own window', [`e${END}~i${ID}~l5~og~y60`, `i${ID}~l9`, 'n1', 'l2~y3600']),
  refused('window of no time', [`e${END}~l1~og~y0`]),
  refused('window over 7 days', [`e${END}~l1~og~y604801`]),
  refused('window with a leading zero', [`e${END}~l1~og~y060`]),
  refused('window without a limit', [`e${END}~og~y60`]),
  refused('window in a block behind a limit', [`e${END}~i${ID}~l1~og`, 'y60']),
  refused('window of an earlier limit in a later block', [`e${END}~i${ID}~l1~og~y60`, 'y3600']),
  refused('no download', [`e${END}~l0~og`]),
  refused('no download by a later block', [G, 'l0']),
  refused('downloads over 2^53 - 1', [`e${END}~l9007199254740992~og`]),
  refused('downloads with a leading zero', [`e${END}~l01~og`]),
]
