"""What a team finds after an update: nothing of theirs lost, and nothing claimed that did not happen."""

from pathlib import Path

import pytest

from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.changes import FileChange, Outcome
from labkit.scaffold.migrations import Migration, due
from labkit.scaffold.obstacles import NothingUnderWay, StillInConflict, UncommittedChanges, UpdateUnderWay
from labkit.scaffold.update import Plan, abort, preview, resume
from tests.scaffold.updated_projects import (
    NEW,
    NEW_KIT,
    OLD,
    OLD_KIT,
    WITHOUT_CHECKS,
    Project,
    isolate,
    made,
    outcomes,
    page,
    template,
    worked_on,
)

WITHOUT_FORM = {name: content for name, content in NEW.items() if name != "form.html"}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return worked_on(made(tmp_path / "projet d’été"))


@pytest.fixture
def peaceful(tmp_path: Path) -> Project:
    """A project that no file of the template contradicts."""
    project = made(tmp_path / "projet d’été")
    project.git("mv", "README.md", "LISEZ-MOI.md")
    project.write("rules.txt", page("Rules", line_18="our own rule"))
    project.git("rm", "--quiet", "leaflet.txt")
    project.commit()
    return project


def test_every_file_is_told_as_it_became(project: Project) -> None:
    report = project.update()
    assert outcomes(report.files) == {
        "LISEZ-MOI.md": "renamed",
        "rules.txt": "merged",
        "letter.txt": "updated",
        "leaflet.txt": "stays-deleted",
        "form.html": "conflict",
        "obsolete.txt": "deleted",
        "untouched.txt": "updated",
        "novelty.txt": "added",
    }
    assert next(change.was for change in report.files if change.path == "LISEZ-MOI.md") == "README.md"
    assert (report.state, report.kit_before, report.kit) == ("conflicts", OLD_KIT, NEW_KIT)


def test_nothing_of_either_side_is_lost(project: Project) -> None:
    project.update()
    assert "what is new" in project.read("LISEZ-MOI.md")
    assert not project.has("README.md")
    assert "our own rule" in project.read("rules.txt")
    assert "Rules of 2026" in project.read("rules.txt")
    assert not project.has("leaflet.txt")
    assert not project.has("obsolete.txt")
    assert "our field" in project.read("form.html")
    assert "the template’s field" in project.read("form.html")
    assert project.read("novelty.txt") == NEW["novelty.txt"]
    assert project.read("ours.txt") == "what we added\n"


def test_an_update_without_conflicts_is_committed_as_a_merge(peaceful: Project) -> None:
    before = peaceful.commit_id("HEAD")
    report = peaceful.update()
    assert (report.state, report.commit) == ("updated", peaceful.commit_id("HEAD"))
    assert peaceful.commit_id("HEAD^1") == before
    assert peaceful.commit_id("HEAD^2") == peaceful.commit_id("labkit/template")
    assert peaceful.git("status", "--porcelain") == ""
    assert peaceful.git("for-each-ref", "refs/labkit") == ""
    assert peaceful.git("log", "-1", "--format=%an %s") == "Camille Update service-cantine to the kit 2026.12.0\n"
    assert read_answers(peaceful.folder / ANSWERS_FILE).kit == NEW_KIT


def test_the_pristine_branch_holds_what_the_template_gives_and_no_more(peaceful: Project) -> None:
    peaceful.update()
    held = peaceful.git("ls-tree", "-r", "-z", "--name-only", "labkit/template").split("\0")
    assert set(held) - {""} == {*NEW, ANSWERS_FILE.as_posix()}


def test_a_second_update_finds_nothing_new(peaceful: Project) -> None:
    peaceful.update()
    before = peaceful.everything()
    report = peaceful.update()
    assert (report.state, report.files, report.commit) == ("nothing-new", (), None)
    assert peaceful.everything() == before


def test_a_further_update_starts_from_the_last_one(peaceful: Project) -> None:
    peaceful.update()
    peaceful.write("novelty.txt", page("Novelty", line_15="ours"))
    peaceful.commit()
    report = peaceful.update({**NEW, "novelty.txt": page("Novelty", line_2="theirs")}, kit="2027.1.0")
    assert outcomes(report.files) == {"novelty.txt": "merged"}
    assert peaceful.read("novelty.txt") == page("Novelty", line_2="theirs", line_15="ours")


def test_new_answers_are_rendered_and_merged_too(peaceful: Project) -> None:
    peaceful.update()
    answers = peaceful.read(ANSWERS_FILE.as_posix())
    peaceful.write(ANSWERS_FILE.as_posix(), answers.replace("Cantine", "Restaurant"))
    peaceful.commit()
    assert peaceful.update().state == "updated"
    assert read_answers(peaceful.folder / ANSWERS_FILE).answers == {"project_name": "Restaurant"}


def test_undoing_restores_every_byte_and_branch(project: Project) -> None:
    before = project.everything()
    project.update()
    project.write("form.html", "half settled\n")
    project.git("add", "form.html")
    assert project.everything() != before
    assert abort(project.folder).state == "undone"
    assert project.everything() == before


def test_marks_left_are_not_committed(project: Project) -> None:
    project.update()
    with pytest.raises(StillInConflict, match=r"form\.html"):
        resume(project.folder, plan=WITHOUT_CHECKS)
    project.git("add", "--all")
    with pytest.raises(StillInConflict, match=r"form\.html"):
        resume(project.folder, plan=WITHOUT_CHECKS)
    assert project.commit_id("MERGE_HEAD") == project.commit_id("labkit/template")


def test_settled_conflicts_are_committed_with_what_was_changed_beside_them(project: Project) -> None:
    project.update()
    project.write("form.html", page("Form", line_10="both fields"))
    project.write("ours.txt", "adapted\n")
    report = resume(project.folder, plan=WITHOUT_CHECKS)
    assert (report.state, report.kit_before, report.kit) == ("updated", OLD_KIT, NEW_KIT)
    assert outcomes(report.files)["form.html"] == "settled"
    assert outcomes(report.files)["leaflet.txt"] == "stays-deleted"
    assert project.git("show", "HEAD:ours.txt") == "adapted\n"
    assert project.git("status", "--porcelain") == ""
    assert read_answers(project.folder / ANSWERS_FILE).kit == NEW_KIT
    assert project.update().state == "nothing-new"


def test_keeping_ones_own_version_whole_is_said_to_git(project: Project) -> None:
    project.update()
    project.write("form.html", page("Form", line_10="our field"))
    with pytest.raises(StillInConflict, match=r"form\.html"):
        resume(project.folder, plan=WITHOUT_CHECKS)
    project.git("add", "form.html")
    assert resume(project.folder, plan=WITHOUT_CHECKS).state == "updated"


def test_a_merge_that_the_user_committed_by_hand_is_done(project: Project) -> None:
    project.update()
    project.write("form.html", page("Form"))
    project.commit()
    assert project.update().state == "nothing-new"
    with pytest.raises(NothingUnderWay):
        abort(project.folder)


def test_a_merge_that_the_user_abandoned_by_hand_can_begin_again(project: Project) -> None:
    before = project.everything()
    project.update()
    project.git("merge", "--abort")
    with pytest.raises(UpdateUnderWay):
        project.update()
    project.write("ours.txt", "worked on since\n")
    with pytest.raises(UncommittedChanges):
        abort(project.folder)
    project.git("checkout", "--", "ours.txt")
    abort(project.folder)
    assert project.everything() == before


def test_a_file_that_the_template_deleted_and_the_team_changed_stays(tmp_path: Path) -> None:
    project = made(tmp_path / "p")
    project.write("obsolete.txt", page("Obsolete", line_4="we need this"))
    project.git("mv", "form.html", "formulaire.html")
    project.commit()
    report = project.update(WITHOUT_FORM)
    assert outcomes(report.files)["obsolete.txt"] == "kept"
    assert FileChange(path="formulaire.html", outcome=Outcome.KEPT, was="form.html") in report.files
    assert "we need this" in project.read("obsolete.txt")
    assert project.has("formulaire.html")
    assert report.state == "updated"


def test_a_file_that_the_template_renames_takes_the_teams_changes_along(tmp_path: Path) -> None:
    project = made(tmp_path / "p")
    project.write("form.html", page("Form", line_18="our field"))
    project.git("rm", "--quiet", "letter.txt")
    project.commit()
    renamed = {**OLD, "page.html": page("Form", line_2="new"), "mail.txt": OLD["letter.txt"]}
    del renamed["form.html"], renamed["letter.txt"]
    report = project.update(renamed)
    assert FileChange(path="page.html", outcome=Outcome.MOVED, was="form.html") in report.files
    assert FileChange(path="mail.txt", outcome=Outcome.STAYS_DELETED, was="letter.txt") in report.files
    assert set(outcomes(report.files)) == {"page.html", "mail.txt"}
    assert project.read("page.html") == page("Form", line_2="new", line_18="our field")
    assert not project.has("form.html")
    assert not project.has("mail.txt")


def test_a_file_that_both_renamed_is_a_choice(tmp_path: Path) -> None:
    project = made(tmp_path / "p")
    project.git("mv", "form.html", "formulaire.html")
    project.commit()
    before = project.everything()
    report = project.update({**WITHOUT_FORM, "page.html": OLD["form.html"]})
    assert report.state == "conflicts"
    assert {path for path, said in outcomes(report.files).items() if said == "choice"} == {
        "formulaire.html",
        "page.html",
    }
    with pytest.raises(StillInConflict, match=r"formulaire\.html, page\.html"):
        resume(project.folder, plan=WITHOUT_CHECKS)
    project.git("rm", "--quiet", "page.html")
    project.git("add", "formulaire.html")
    assert resume(project.folder, plan=WITHOUT_CHECKS).state == "updated"
    assert project.has("formulaire.html")
    project.git("reset", "--quiet", "--hard", "HEAD^")
    project.git("branch", "--force", "labkit/template", "labkit/template^")
    assert project.everything() == before


def test_a_new_file_goes_where_the_team_moved_its_folder(tmp_path: Path) -> None:
    folder = {f"pages/{name}.html": page(name) for name in "abc"}
    project = made(tmp_path / "p", {**OLD, **folder})
    project.git("mv", "pages", "écrans")
    project.commit()
    report = project.update({**OLD, **folder, "pages/d.html": page("d")})
    assert outcomes(report.files) == {"écrans/d.html": "added"}
    assert not project.has("pages")


def test_a_change_that_the_teams_own_rules_refuse_is_not_claimed(tmp_path: Path) -> None:
    project = made(tmp_path / "p")
    project.git("config", "merge.ours.driver", "true")
    project.write(".gitattributes", "form.html merge=ours\n")
    project.write("form.html", page("Form", line_18="our field"))
    project.commit()
    report = project.update()
    assert outcomes(report.files)["form.html"] == "unchanged"
    assert project.read("form.html") == page("Form", line_18="our field")


def test_a_change_that_the_team_made_already_is_not_told(tmp_path: Path) -> None:
    project = made(tmp_path / "p")
    project.write("form.html", NEW["form.html"])
    project.commit()
    assert "form.html" not in outcomes(project.update().files)


def test_bytes_and_rights_are_left_as_each_side_has_them(tmp_path: Path) -> None:
    dos = "".join(f"ligne {number}\r\n" for number in range(20))
    picture = bytes(range(256))
    files = {**OLD, "dos.txt": dos, "logo.png": picture, "été/démarche à faire.txt": page("é")}
    project = made(tmp_path / "p", files)
    (project.folder / "rules.txt").chmod(0o755)
    project.write("dos.txt", dos.replace("ligne 15", "à nous"))
    project.write("logo.png", picture + b"ours")
    project.git("mv", "été/démarche à faire.txt", "été/faite.txt")
    project.commit()
    new = {
        **NEW,
        "dos.txt": dos.replace("ligne 2\r", "ligne deux\r"),
        "logo.png": picture + b"theirs",
        "été/démarche à faire.txt": page("é", line_3="è"),
    }
    said = outcomes(project.update(new).files)
    assert said["logo.png"] == "choice"
    assert (project.folder / "logo.png").read_bytes() == picture + b"ours"
    assert said["été/faite.txt"] == "renamed"
    merged = dos.replace("ligne 15", "à nous").replace("ligne 2\r", "ligne deux\r")
    assert (project.folder / "dos.txt").read_bytes() == merged.encode()
    assert (project.folder / "rules.txt").stat().st_mode & 0o111
    with pytest.raises(StillInConflict, match=r"logo\.png"):
        resume(project.folder, plan=WITHOUT_CHECKS)
    project.git("checkout", "--theirs", "logo.png")
    assert resume(project.folder, plan=WITHOUT_CHECKS).state == "updated"
    assert project.git("ls-files", "--stage", "rules.txt").startswith("100755")


def test_a_trial_tells_what_an_update_would_and_changes_nothing(project: Project) -> None:
    before = project.everything()
    objects = {str(file) for file in (project.folder / ".git").rglob("*")}
    trial = preview(project.folder, template(NEW, NEW_KIT), kit=NEW_KIT)
    assert project.everything() == before
    assert {str(file) for file in (project.folder / ".git").rglob("*")} == objects
    assert trial.dry_run
    report = project.update()
    assert (trial.state, trial.files, trial.project) == (report.state, report.files, report.project)


def test_migrations_run_from_one_kit_to_the_other_and_are_part_of_the_merge(peaceful: Project) -> None:
    def rename_a_word(folder: Path) -> list[Path]:
        file = folder / "rules.txt"
        file.write_text(file.read_text("utf-8").replace("our own rule", "our own law"), "utf-8")
        made_file = folder / "migrated.txt"
        made_file.write_text("made\n", "utf-8")
        return [file, made_file]

    def never(_: Path) -> list[Path]:
        raise AssertionError("this migration is not due")

    migrations = (
        Migration(OLD_KIT, "of the kit that made the project", never),
        Migration(NEW_KIT, "rules are laws", rename_a_word),
        Migration("2027.1.0", "of a kit to come", never),
    )
    report = peaceful.update(plan=Plan(checks=False, migrations=migrations))
    assert [(done.title, done.files) for done in report.migrations] == [
        ("rules are laws", ("rules.txt", "migrated.txt"))
    ]
    assert "our own law" in peaceful.git("show", "HEAD:rules.txt")
    assert peaceful.git("status", "--porcelain") == ""


def test_a_migration_that_fails_leaves_the_project_as_it_was(peaceful: Project) -> None:
    def broken(folder: Path) -> list[Path]:
        (folder / "rules.txt").write_text("half", "utf-8")
        (folder / "half.txt").write_text("half", "utf-8")
        raise ZeroDivisionError

    before = peaceful.everything()
    with pytest.raises(ZeroDivisionError):
        peaceful.update(plan=Plan(checks=False, migrations=(Migration(NEW_KIT, "broken", broken),)))
    assert peaceful.everything() == before


def test_only_migrations_between_two_kits_are_due() -> None:
    steps = [Migration(kit, kit, lambda _: []) for kit in ("2026.9.0", "2026.11.0", "2026.11.1", "2026.12.0")]
    assert [step.kit for step in due(steps, since="2026.9.0", to="2026.11.1")] == ["2026.11.0", "2026.11.1"]
