from django.urls import path

from broken_urls.views import nothing_of_the_kind

urlpatterns = [path("", nothing_of_the_kind)]
