"""Writing a sequence as it was run."""

from io import StringIO

from ruamel.yaml import YAML

from acquisition.sequence import Sequence


def sequence_text(sequence: Sequence) -> str:
    """Return a sequence file that does exactly what `sequence` does: overrides in it, repeats written out."""
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    text = StringIO()
    yaml.dump(sequence.as_run(), text)
    return text.getvalue()
