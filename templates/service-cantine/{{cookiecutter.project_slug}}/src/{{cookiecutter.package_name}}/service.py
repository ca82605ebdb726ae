"""The canteen: what families are asked, page after page, what agents add, and what follows from it."""

from labkit.prototype import Page, Service

from {{ cookiecutter.package_name }}.events import (
    ChildEnrolled,
    DaysChosen,
    FamilyIntroduced,
    IncomeDeclared,
    InvoiceIssued,
    KitchenInformed,
    MealsCounted,
    TariffBandSet,
)
from {{ cookiecutter.package_name }}.rules import follow, has_allergy

SERVICE = Service(
    pages=(
        Page("family", FamilyIntroduced),
        Page("child", ChildEnrolled),
        Page("days", DaysChosen),
        Page("allergy", KitchenInformed, when=has_allergy),
        Page("income", IncomeDeclared),
    ),
    desk=(Page("meals", MealsCounted),),
    rules=(follow,),
    events=(
        TariffBandSet,
        InvoiceIssued,
    ),
)
