"""Refuse an answer that would give a project that cannot run: one sentence in each language, and nothing is left.

The same bytes in every template that stands alone: plain cookiecutter has nothing but this file.
"""

import json
import keyword
import re
import sys

ANSWERS = json.loads(r"""{{ cookiecutter | jsonify }}""")
OURS = {"collectivilab", "labkit", "ledger", "projections", "tests"}


def problem(name, value):
    """Return why a value cannot answer a question, in French and in English, or None."""
    if not value.strip() or re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", value):
        return "il faut une ligne de texte.", "it takes one line of text."
    if name == "project_name" and set(value) & set('"\\{}<>'):
        return 'sans les caractères " \\ { } < >.', 'without the characters " \\ { } < >.'
    if name == "project_slug" and not re.fullmatch(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", value):
        return (
            "il faut des lettres sans accent, des chiffres, et entre eux « - », « _ » ou « . ».",
            "it takes letters without accents, digits, and “-”, “_” or “.” between them.",
        )
    if name == "package_name" and not re.fullmatch(r"[a-z_][a-z0-9_]*", value):
        return (
            "il faut des minuscules sans accent, des chiffres et « _ », sans chiffre au début.",
            "it takes lower-case letters without accents, digits and “_”, and no digit first.",
        )
    if name == "package_name" and (keyword.iskeyword(value) or value in sys.stdlib_module_names):
        return "ce nom appartient à Python.", "this name belongs to Python."
    if name in ("project_slug", "package_name") and value.lower().replace("-", "_") in OURS:
        return "ce nom appartient à Collectivilab.", "this name belongs to Collectivilab."
    return None


for name in ("project_name", "project_slug", "package_name"):
    why = problem(name, ANSWERS[name]) if name in ANSWERS else None
    if why:
        sys.exit(f"{name}, « {ANSWERS[name]} » : {why[0]} · {name}, “{ANSWERS[name]}”: {why[1]}")
