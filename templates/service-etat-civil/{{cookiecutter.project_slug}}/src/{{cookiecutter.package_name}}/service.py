"""Birth records: what people are asked, page after page, what agents add, and what follows from it."""

from labkit.prototype import Page, Service, Variant

from {{ cookiecutter.package_name }}.events import (
    BirthplaceNamed,
    DeadlineSet,
    DeliveryChosen,
    EntitlementAssessed,
    ExtractOffered,
    IdentityChecked,
    LinkStated,
    OtherHolderNamed,
    ParentsNamed,
    PersonNamed,
    RecordChosen,
    RecordIssued,
    RequestForwarded,
)
from {{ cookiecutter.package_name }}.measures import (
    days_to_issue,
    needless_share,
)
from {{ cookiecutter.package_name }}.rules import (
    follow,
    is_elsewhere,
    is_held_here,
    is_not_entitled,
    is_to_be_forwarded,
    needs_link,
    needs_parents,
)

SERVICE = Service(
    pages=(
        Page("person", PersonNamed),
        Page("birthplace", BirthplaceNamed, when=is_elsewhere),
        Page("record", RecordChosen),
        Page("link", LinkStated, when=needs_link),
        # At most one of these two: the extract for who has no right to more, the parents for who has.
        Page("extract", ExtractOffered, when=is_not_entitled),
        Page("parents", ParentsNamed, when=needs_parents),
        Page("delivery", DeliveryChosen),
    ),
    desk=(
        Page("identity", IdentityChecked, when=is_held_here),
        Page("issue", RecordIssued, when=is_held_here),
        Page("forward", RequestForwarded, when=is_to_be_forwarded),
    ),
    rules=(follow,),
    events=(
        OtherHolderNamed,
        EntitlementAssessed,
        DeadlineSet,
    ),
    # Do fewer people ask for a copy when they read that the administration reads the register itself?
    variants=(Variant("once-only", ("silent", "told")),),
    measures={
        "days-to-issue": days_to_issue,
        "needless-share": needless_share,
    },
)
