"""Refuse answers that would give a project that cannot run."""

import keyword
import sys

package_name = "{{ cookiecutter.package_name }}"

if not package_name.isidentifier() or keyword.iskeyword(package_name):
    print(f"“{package_name}” cannot name a Python package: use letters, digits and underscores.", file=sys.stderr)
    sys.exit(1)
