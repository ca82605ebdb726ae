"""What can stop the work on webhooks."""

from labkit.exit_codes import ExitCode
from labkit.failures import LabkitFailure


class WebhookExists(LabkitFailure):
    """The integrator has an endpoint; give `name`."""

    code = "webhook-exists"
    exit_code = ExitCode.REFUSED


class UnknownWebhook(LabkitFailure):
    """The integrator has no endpoint; give `name`."""

    code = "unknown-webhook"
    exit_code = ExitCode.REFUSED


class TooManyWebhooks(LabkitFailure):
    """There are as many endpoints as there may be; give `name`."""

    code = "too-many-webhooks"
    exit_code = ExitCode.REFUSED


class UnknownDeadLetter(LabkitFailure):
    """No dead letter holds this event; give `name`, the event."""

    code = "unknown-dead-letter"
    exit_code = ExitCode.REFUSED


class BadWebhookAddress(LabkitFailure):
    """Nothing may be delivered there; give `url`."""

    code = "bad-webhook-address"
    exit_code = ExitCode.BAD_INPUT


WEBHOOKS: dict[str, type[LabkitFailure]] = {
    failure.code: failure for failure in (WebhookExists, UnknownWebhook, TooManyWebhooks, UnknownDeadLetter)
}
"""What each code of the endpoints' own errors comes to."""
