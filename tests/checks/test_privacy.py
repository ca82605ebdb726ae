"""What is personal and lies open: in fields, in the names of events, in samples."""

from pathlib import Path

import pytest

from labkit.checks.findings import Finding
from labkit.checks.privacy import check_privacy
from labkit.prototype.project import Project
from tests.checks.spoiling import change, codes


def found(project: Path) -> list[Finding]:
    opened = Project(project)
    return list(check_privacy(opened, opened.service()))


def test_the_canteen_keeps_what_is_personal_sealed_and_unnamed(project: Path) -> None:
    assert found(project) == []


def test_an_answer_about_health_that_lies_open_is_a_warning(project: Path, package: Path) -> None:
    change(package / "events.py", "    allergy: Health\n", "    allergy: bool\n")
    change(package / "events.py", "kitchen-informed.v1", "allergy-described.v1")

    assert {(each.severity, each.code, each.where.rpartition(" ")[2]) for each in found(project)} == {
        ("warning", "open-field", "DaysChosen.allergy"),
        ("warning", "telling-name", "KitchenInformed"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("parent: Personal", "parent: Line"),
        ("quotient: Quotient | None = None", "quotient: int | None = None"),
        ("month: Month\n    meals: Meals\n\n\n", "month: Month\n    home_address: Line\n    meals: Meals\n\n\n"),
    ],
)
def test_a_personal_field_typed_as_a_plain_fact_is_an_error(project: Path, package: Path, old: str, new: str) -> None:
    change(package / "events.py", old, new)
    change(package / "events.py", "Email, Money", "Email, Line, Money")

    assert "open-field" in codes([finding for finding in found(project) if finding.severity == "error"])


@pytest.mark.parametrize(
    ("sample", "is_real"),
    [
        ("nadia@example.org", False),
        ("nadia@mairie.example", False),
        ("nadia@pau.fr", True),
        ("05 59 00 00 42", False),
        ("05 36 49 12 34", False),
        ("06.39.98.12.34", False),
        ("05 59 27 85 80", True),
        ("+33 5 59 27 85 80", True),
        ("0559278580", True),
        ("1234 0559278580123", False),
    ],
)
def test_a_sample_that_may_belong_to_somebody_is_found(project: Path, sample: str, is_real: bool) -> None:  # noqa: FBT001
    change(project / "personas.toml", "Grand-père", f"{sample} Grand-père")

    real = [finding for finding in found(project) if finding.code == "real-sample"]

    assert bool(real) == is_real
    assert all(finding.severity == "error" for finding in real)


def test_an_authority_may_print_its_own_number(project: Path, package: Path) -> None:
    change(package / "texts/fr.toml", "Inscrivez", "Appelez le 05 59 27 85 80. Inscrivez")

    (real,) = [finding for finding in found(project) if finding.code == "real-sample"]

    assert real.severity == "warning"
