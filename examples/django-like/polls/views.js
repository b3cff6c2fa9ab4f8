// Questions, and how often each answer was given. They stand in the memory of one worker, where a real site has a database.

import { Http404, HttpResponse, jsonResponse, redirect } from '../django/http.js';

const QUESTIONS = new Map([[1, { text: "What's up?", votes: { sky: 0, 'not much': 0 } }]]);

function questionOf(id) {
  if (!QUESTIONS.has(id)) throw new Http404(`There is no question ${id}.`);
  return QUESTIONS.get(id);
}

export function index(_request, { reverse }) {
  const lines = Array.from(QUESTIONS, ([id, { text }]) => `${text} ${reverse('detail', { id })}\n`);
  return new HttpResponse(lines.join(''));
}

export function detail(_request, { id }) {
  return jsonResponse(questionOf(id));
}

export async function vote(request, { id, reverse }) {
  if (request.method !== 'POST') return new HttpResponse('', { status: '405 Method Not Allowed', headers: { Allow: 'POST' } });
  const { votes } = questionOf(id);
  const choice = (await request.post()).get('choice');
  if (!Object.hasOwn(votes, choice)) throw new Http404(`The question ${id} has no answer ${choice}.`);
  votes[choice] += 1;
  return redirect(reverse('detail', { id }));
}
