"""Reports from the street: what people are asked, page after page, what agents add, what follows."""

from labkit.prototype import Page, Service, Variant

from {{ cookiecutter.package_name }}.events import (
    DangerTold,
    FollowUpChosen,
    HazardDescribed,
    PlaceDescribed,
    ProblemDescribed,
    RepairPlanned,
    ReportMerged,
    ReportSorted,
    TeamSent,
    WorkDone,
)
from {{ cookiecutter.package_name }}.measures import (
    asked_again_share,
    days_to_work_done,
)
from {{ cookiecutter.package_name }}.rules import (
    follow,
    goes_on,
    is_dangerous,
)

SERVICE = Service(
    pages=(
        Page("what", ProblemDescribed),
        Page("where", PlaceDescribed),
        Page("danger", DangerTold),
        Page("hazard", HazardDescribed, when=is_dangerous),
        Page("follow-up", FollowUpChosen),
    ),
    desk=(
        Page("duplicate", ReportMerged, when=goes_on),
        Page("team", TeamSent, when=goes_on),
        Page("work", WorkDone, when=goes_on),
    ),
    rules=(follow,),
    events=(
        ReportSorted,
        RepairPlanned,
    ),
    # Does an example of a good description of a place spare the agents a call?
    variants=(Variant("place-example", ("without", "with")),),
    measures={
        "days-to-work-done": days_to_work_done,
        "asked-again-share": asked_again_share,
    },
)
