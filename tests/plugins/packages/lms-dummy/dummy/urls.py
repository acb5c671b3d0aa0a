from django.http import HttpResponse
from django.urls import path

from lms.plugins.mounting import public


@public
def about(request):
    return HttpResponse("about dummy")


def mine(request):
    return HttpResponse(f"notes of {request.user.get_username()}")


urlpatterns = [path("about/", about, name="about"), path("mine/", mine, name="mine")]
