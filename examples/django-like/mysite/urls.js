import { include, path } from '../django/urls.js';

export const urlpatterns = [path('polls/', include('polls.urls'))];
