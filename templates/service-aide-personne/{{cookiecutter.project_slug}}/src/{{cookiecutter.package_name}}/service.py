"""Help at home: what people are asked, page after page, what agents add, and what follows from it."""

from labkit.prototype import Page, Service

from {{ cookiecutter.package_name }}.events import (
    AssessmentMade,
    ConsentGiven,
    HelperIntroduced,
    HomeDescribed,
    NeedsDescribed,
    OrientationSet,
    PersonIntroduced,
    PlanProposed,
    VisitPlanned,
)
from {{ cookiecutter.package_name }}.rules import (
    follow,
    is_for_another,
    may_visit,
    urgent_share,
    was_visited,
)

SERVICE = Service(
    pages=(
        Page("person", PersonIntroduced),
        Page("helper", HelperIntroduced, when=is_for_another),
        Page("home", HomeDescribed),
        Page("needs", NeedsDescribed),
        Page("consent", ConsentGiven),
    ),
    desk=(
        Page("visit", VisitPlanned, when=may_visit),
        Page("assessment", AssessmentMade, when=was_visited),
    ),
    rules=(follow,),
    events=(
        OrientationSet,
        PlanProposed,
    ),
    measures={"urgent-share": urgent_share},
)
