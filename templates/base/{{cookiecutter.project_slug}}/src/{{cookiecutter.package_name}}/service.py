"""The service: what citizens are asked, page after page, and what follows from it."""

from labkit.prototype import Page, Service

from {{ cookiecutter.package_name }}.events import RequestDescribed
from {{ cookiecutter.package_name }}.rules import follow

SERVICE = Service(
    pages=(Page("request", RequestDescribed),),
    rules=(follow,),
)
