import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a scripted model says next: words, or tools to use. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[];
}

export interface Asked {
  /** The agent's instructions. */
  readonly system: string;
  /** How often it has spoken in this conversation. */
  readonly turn: number;
  /** The first message to it, with what the client says of its surroundings. */
  readonly first: string;
  /** The newest. */
  readonly last: string;
}

export interface MessagesApi extends AsyncDisposable {
  readonly url: string;
}

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly system?: string | readonly { readonly text?: string }[];
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
}

/** A model that says what it is told, on the loopback interface: `POST /v1/messages`, streamed or not. */
export async function serveMessages(respond: (asked: Asked) => Turn): Promise<MessagesApi> {
  let requests = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      requests += 1;
      const turn = body?.tools === undefined || body.tools.length === 0 ? { text: 'lab' } : respond(askedOf(body));
      const { message, events } = answerOf(turn, body?.model ?? 'lab', requests);
      if (body?.stream !== true) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      response.end();
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Body | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text.startsWith('{') ? (JSON.parse(text) as Body) : null;
}

function askedOf({ system = '', messages = [] }: Body): Asked {
  return {
    system: typeof system === 'string' ? system : system.map(({ text = '' }) => text).join('\n'),
    turn: messages.filter(({ role }) => role === 'assistant').length,
    first: JSON.stringify(messages[0]?.content ?? ''),
    last: JSON.stringify(messages.findLast(({ role }) => role === 'user')?.content ?? ''),
  };
}

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function answerOf({ text, tools = [] }: Turn, model: string, number: number): { message: object; events: Event[] } {
  const content = [
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...tools.map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${String(number)}_${String(index)}`, name, input })),
  ];
  const stop = { stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null };
  const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const message = { id: `msg_${String(number)}`, type: 'message', role: 'assistant', model, content, ...stop, usage };
  const events: Event[] = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    ...content.flatMap((block, index): Event[] => [
      { type: 'content_block_start', index, content_block: 'text' in block ? { type: 'text', text: '' } : { ...block, input: {} } },
      { type: 'content_block_delta', index, delta: 'text' in block ? { type: 'text_delta', text: block.text } : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) } },
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: stop, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
  return { message, events };
}
