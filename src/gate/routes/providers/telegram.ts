import type { Provider } from '../provider.ts';

// Nothing that changes whom the bot is, where its messages are sent to (`setWebhook`), or ends it (`logOut`).
const ASKING = ['getMe', 'getUpdates', 'getFile', 'getChat', 'getMyCommands'];
const SAYING = [
  'sendMessage',
  'sendChatAction',
  'sendPhoto',
  'sendDocument',
  'sendAudio',
  'sendVoice',
  'sendVideo',
  'sendAnimation',
  'sendMediaGroup',
  'sendSticker',
  'editMessageText',
  'editMessageCaption',
  'editMessageReplyMarkup',
  'deleteMessage',
  'setMessageReaction',
  'answerCallbackQuery',
];
// Asked for when OpenClaw starts: it reads messages by itself, and lists its commands.
const STARTING = ['deleteWebhook', 'deleteMyCommands', 'setMyCommands'];

const BOT = '/bot[0-9A-Za-z:_-]{1,128}';
// Of folders and files: a dot only between other characters, so that nothing leads upwards to another bot or looks like it.
const NAME = String.raw`[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*`;
const METHODS = [...ASKING, ...SAYING, ...STARTING].join('|');

/** Telegram's Bot API, whose token is a part of the path: what the client has there is dropped, whatever it is. */
export const TELEGRAM: Provider = {
  name: 'telegram',
  host: 'api.telegram.org',
  credential: { in: 'path', shape: /^[0-9]{1,20}:[0-9A-Za-z_-]{8,128}$/ },
  endpoints: [
    { name: 'bot method', method: 'POST', path: new RegExp(`^${BOT}/(${METHODS})$`), upstream: '/bot{key}/{1}' },
    { name: 'bot method', method: 'GET', path: new RegExp(`^${BOT}/(${ASKING.join('|')})$`), upstream: '/bot{key}/{1}' },
    {
      name: 'file',
      method: 'GET',
      path: new RegExp(`^/file${BOT}/((?:${NAME}/){0,4}${NAME})$`),
      upstream: '/file/bot{key}/{1}',
    },
  ],
  fields: [],
  usage: 'none',
  errorBody: (status, message) => ({ ok: false, error_code: status, description: message }),
};
