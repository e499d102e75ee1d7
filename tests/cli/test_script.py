"""`cascadescope script` carries out a Python program as Python itself would."""

import json
import subprocess
import sys

import pytest

from acquisition.cli import script
from acquisition.cli.main import main

SAYS = """
import json, sys
print(json.dumps([sys.argv[1:], __name__]))
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def carried_out(file, *arguments):
    command = [sys.executable, "-m", "acquisition", "script", file, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_program_gets_its_arguments_and_is_the_main_one_beside_its_own_modules(written, tmp_path):
    (tmp_path / "beside.py").write_text("there = True\n", encoding="utf-8")
    ended = carried_out(written(f"import beside\n{SAYS}"), "--out", "here", "--help", "-3")
    assert json.loads(ended.stdout) == [["--out", "here", "--help", "-3"], "__main__"]
    assert ended.returncode == 0


def test_it_is_watched_by_a_guardian(written):
    text = "from acquisition.guardian.heartbeat import present_heart\nprint(present_heart() is not None)"
    assert carried_out(written(text)).stdout == "True\n"


def test_an_error_shows_where_it_came_from_from_the_first_line_of_the_program_on(written):
    file = written("def f():\n    raise ValueError('a mistake')\n\n\nf()\n")
    ended = carried_out(file)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f'Traceback (most recent call last):\n  File "{file}", line 5, in <module>\n')
    assert ended.stderr.endswith("ValueError: a mistake\n")


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [("sys.exit()", 0, ""), ("sys.exit(7)", 7, ""), ("sys.exit('no dot there')", 1, "no dot there\n")],
)
def test_its_exit_status_is_handed_on(written, monkeypatch, capsys, end, status, said):
    monkeypatch.setattr(script, "present_heart", lambda: "one")
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert main(["script", written(f"import sys\n{end}\n")]) == status
    assert capsys.readouterr().err == said


def test_a_program_that_is_not_there_is_named(capsys):
    assert main(["script", "nowhere.py"]) == 1
    assert "nowhere.py: there is no such Python program" in capsys.readouterr().err
