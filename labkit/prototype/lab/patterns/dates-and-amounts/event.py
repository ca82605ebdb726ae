"""A date and an amount of money, which are typed and never picked: a calendar makes a date of birth a long way."""

from datetime import date

from labkit.prototype import Money, PersonalDate, ServiceEvent


class ExpenseDeclared(ServiceEvent, frozen=True, kw_only=True, tag="expense-declared.v1"):
    """Somebody declared what they paid, and when (dépense déclarée)."""

    born_on: PersonalDate
    paid_on: date
    amount: Money
