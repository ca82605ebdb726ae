"""`labkit add variant`: a feature with its variants in `SERVICE`, each case drawn to one of them, and a test."""

from collections.abc import Sequence

from labkit.scaffold.additions.declaration import calls_in, with_item
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.event import import_into
from labkit.scaffold.additions.failures import NameTaken
from labkit.scaffold.additions.layout import Term, string, strings
from labkit.scaffold.additions.names import Name
from labkit.scaffold.additions.places import Code

_TEST = '''\
"""Which variant of “{stem}” a case is shown."""

from labkit.prototype.trying import Trial
from labkit.prototype.variants import variant_of


def test_every_case_keeps_the_variant_of_{variable}_that_it_was_drawn_to(trial: Trial) -> None:
    feature = next(each for each in trial.service.variants if each.feature == {feature})
    case = trial.begin()

    drawn = variant_of(feature, case.id, {{}})

    assert drawn.variant in feature.variants
    assert variant_of(feature, case.id, {{}}) == drawn


def test_the_variant_of_{variable}_can_be_chosen_in_the_lab(trial: Trial) -> None:
    feature = next(each for each in trial.service.variants if each.feature == {feature})

    shown = {{variant_of(feature, None, {{feature.feature: variant}}).variant for variant in feature.variants}}

    assert shown == set(feature.variants)
'''


def add_variant(drafts: Drafts, name: Name, variants: Sequence[Name]) -> None:
    """Add a feature with its variants, the first of which is what is shown without an experiment.

    Raises:
        BeyondRecognition: the project cannot be edited so.
        NameTaken: the feature is there with other variants.
    """
    path = drafts.own("service.py")
    stems = tuple(variant.stem for variant in variants)
    declared = Term("Variant", (string(name.stem), Term("", strings(stems))))
    code = Code(drafts.read(path), file=path, by_hand=f"{declared}, in variants=(…)")
    known = calls_in(code, "variants").get(name.stem)
    if known is None:
        drafts.change(path, with_item(code, "variants", declared, width=drafts.width))
        import_into(drafts, "service.py", "labkit.prototype", ["Variant"])
    elif not all(f'"{stem}"' in code.source(known).replace("'", '"') for stem in stems):
        raise NameTaken(name=name.stem, file=path)
    test = _TEST.format(stem=name.stem, variable=name.variable, feature=string(name.stem))
    drafts.create(f"tests/test_variant_{name.variable}.py", test)
