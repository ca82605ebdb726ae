"""The library card: what readers are asked, page after page, what agents add, and what follows from it."""

from labkit.prototype import Page, Service, Variant

from {{ cookiecutter.package_name }}.events import (
    CardIssued,
    GuardianAgreed,
    HomeGiven,
    HouseholdCounted,
    HouseholdDescribed,
    MembershipExtended,
    MembershipRenewed,
    ReaderIntroduced,
    SituationGiven,
    TariffSet,
)
from {{ cookiecutter.package_name }}.measures import (
    days_to_card,
    given_up_share,
)
from {{ cookiecutter.package_name }}.rules import (
    awaits_card,
    follow,
    has_card,
    is_minor,
    may_pay,
)

SERVICE = Service(
    pages=(
        Page("reader", ReaderIntroduced),
        Page("guardian", GuardianAgreed, when=is_minor),
        Page("home", HomeGiven),
        Page("household", HouseholdDescribed),
        Page("situation", SituationGiven, when=may_pay),
    ),
    desk=(
        Page("card", CardIssued, when=awaits_card),
        Page("renewal", MembershipRenewed, when=has_card),
    ),
    rules=(follow,),
    events=(
        HouseholdCounted,
        TariffSet,
        MembershipExtended,
    ),
    # Do people from outside give up when they see the price before they answer?
    variants=(Variant("price", ("after", "before")),),
    measures={
        "days-to-card": days_to_card,
        "given-up-share": given_up_share,
    },
)
