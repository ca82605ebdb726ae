"""Refuse an answer that would give a project that cannot run: one sentence in each language, and nothing is left.

The same bytes in every layered template: plain cookiecutter has nothing but this file, and `labkit new` reads the
same rules from it, with `problem`.
"""

import json
import keyword
import re
import sys
from pathlib import Path

# cookiecutter fills this in while it stands in the template's folder: no variable of its own names it reliably.
GIVEN = r"""{{ {"answers": cookiecutter, "template": lipsum.__globals__.os.getcwd()} | jsonify }}"""
OURS = {"collectivilab", "labkit", "ledger", "projections", "tests"}
CODE = r"[a-z0-9]+(-[a-z0-9]+)*"
CODE_MAX = 64


def problem(name, value, channels):
    """Return why a value cannot answer a question, in French and in English, or None."""
    if not value.strip() or re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", value):
        return "il faut une ligne de texte.", "it takes one line of text."
    match name:
        case "project_name" | "authority_name" if set(value) & set('"\\{}<>'):
            return 'sans les caractères " \\ { } < >.', 'without the characters " \\ { } < >.'
        case "project_slug" if not re.fullmatch(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*", value):
            return (
                "il faut des lettres sans accent, des chiffres, et entre eux « - », « _ » ou « . ».",
                "it takes letters without accents, digits, and “-”, “_” or “.” between them.",
            )
        case "package_name" if not re.fullmatch(r"[a-z_][a-z0-9_]*", value):
            return (
                "il faut des minuscules sans accent, des chiffres et « _ », sans chiffre au début.",
                "it takes lower-case letters without accents, digits and “_”, and no digit first.",
            )
        case "package_name" if keyword.iskeyword(value) or value in sys.stdlib_module_names:
            return "ce nom appartient à Python.", "this name belongs to Python."
        case "project_slug" | "package_name" if value.lower().replace("-", "_") in OURS:
            return "ce nom appartient à Collectivilab.", "this name belongs to Collectivilab."
        case "service_code" if len(value) > CODE_MAX or not re.fullmatch(CODE, value):
            return (
                f"il faut des minuscules sans accent et des chiffres, séparés par « - », {CODE_MAX} signes au plus.",
                f"it takes lower-case letters without accents and digits, separated by “-”, at most {CODE_MAX} of them.",
            )
        case "authority" if not is_siren(value):
            return (
                "ce n’est pas un SIREN : neuf chiffres, dont le dernier contrôle les autres.",
                "this is not a SIREN: nine digits, the last of which checks the others.",
            )
        case "channels" if set(re.split(r"\s*,\s*", value.strip())) - set(channels):
            listed = ", ".join(channels)
            return (
                f"les canaux sont {listed}, séparés par des virgules.",
                f"channels are {listed}, with commas between.",
            )
    return None


def is_siren(code):
    """Tell whether a code has nine digits and a right check digit (Luhn)."""
    if not re.fullmatch(r"[0-9]{9}", code):
        return False
    doubled = (int(digit) * (2 if rank % 2 else 1) for rank, digit in enumerate(code))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def main(given):
    """End with the first problem that there is."""
    template = Path(given["template"])
    channels = sorted(folder.name.removeprefix("channel-") for folder in template.parent.glob("channel-*"))
    for layer in given["answers"]["_layers"]:
        if not (template.parent / layer).is_dir():
            sys.exit(f"{layer} : cette couche manque à côté de {template}. · {layer}: no such layer beside {template}.")
    for name, value in given["answers"].items():
        why = None if name.startswith("_") else problem(name, value, channels)
        if why:
            sys.exit(f"{name}, « {value} » : {why[0]} · {name}, “{value}”: {why[1]}")


if __name__ == "__main__":
    main(json.loads(GIVEN))
