import { path } from '../django/urls.js';
import { detail, index, vote } from './views.js';

export const urlpatterns = [path('', index, 'index'), path('<int:id>/', detail, 'detail'), path('<int:id>/vote/', vote, 'vote')];
