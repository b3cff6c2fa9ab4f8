import { serve } from 'srvx';
import { fetchAnswer, PORT } from './answers.mjs';

serve({ fetch: fetchAnswer, port: PORT, hostname: '127.0.0.1', silent: true });
