"""The file of a backup: nobody else reads it, and not one bit of it can change unnoticed."""

import random
import secrets
import stat

import pytest

from db.backup import archive
from db.errors import Refused
from tests.support.sweep import SEED, scaled

MANIFEST = {"version": 7, "who": "东湖支行"}
PASSPHRASE = "four words of ours"


@pytest.fixture
def content(tmp_path):
    """Larger than a portion, and not to be compressed."""
    path = tmp_path / "content"
    path.write_bytes(secrets.token_bytes(archive.PORTION * 5 // 2))
    return path


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_what_is_written_is_read_again(content, tmp_path, passphrase):
    archive.write(tmp_path / "one.backup", MANIFEST, content, passphrase)
    assert archive.read(tmp_path / "one.backup", tmp_path / "read", passphrase) == MANIFEST
    assert (tmp_path / "read").read_bytes() == content.read_bytes()
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one.backup", "read")} == {0o600}


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_flipped_bit_or_a_missing_end_is_found_out(content, tmp_path, passphrase):
    path, chosen = tmp_path / "one.backup", random.Random(SEED)
    content.write_bytes(content.read_bytes()[:2000])
    archive.write(path, MANIFEST, content, passphrase)
    whole = path.read_bytes()
    broken = [whole[: chosen.randrange(len(whole))] for _ in range(scaled(200, 10))]
    for _ in range(scaled(500, 30)):
        place = chosen.randrange(len(whole))
        broken.append(whole[:place] + bytes([whole[place] ^ (1 << chosen.randrange(8))]) + whole[place + 1 :])
    for one in (*broken, b"", whole + b"x"):
        path.write_bytes(one)
        with pytest.raises(Refused):
            archive.read(path, tmp_path / "read", passphrase)
        assert not (tmp_path / "read").exists()


def test_what_is_sealed_opens_with_its_passphrase_alone(content, tmp_path):
    content.write_text("张三 13800000000" * 1000)
    archive.write(tmp_path / "one.backup", MANIFEST, content, PASSPHRASE)
    assert "东湖支行".encode() not in (tmp_path / "one.backup").read_bytes()
    with pytest.raises(Refused, match="is encrypted"):
        archive.read(tmp_path / "one.backup", tmp_path / "read", None)
    with pytest.raises(Refused, match="does not open"):
        archive.read(tmp_path / "one.backup", tmp_path / "read", "another")


def test_a_newer_form_and_any_other_file_are_told_apart(content, tmp_path):
    content.write_bytes(b"chenxi-backup 2 plain\n" + b"x" * 100)
    with pytest.raises(Refused, match="newer version"):
        archive.read(content, tmp_path / "read", None)
    content.write_bytes(b"PK\x03\x04 a workbook")
    with pytest.raises(Refused, match="not a backup"):
        archive.read(content, tmp_path / "read", None)


def test_a_disk_that_refuses_leaves_the_older_backup_and_nothing_else(content, tmp_path):
    path = tmp_path / "folder" / "one.backup"
    path.parent.mkdir()
    archive.write(path, MANIFEST, content, None)
    before = path.read_bytes()
    with pytest.raises(OSError):
        archive.write(path, MANIFEST, tmp_path / "nothing there", None)
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
