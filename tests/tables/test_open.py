# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a file is, by its first bytes."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pandas as pd
import pyarrow as pa
import pytest
from helpers.cli_runs import refused, written
from helpers.odd_tables import BODY

from skneon import prepare


def test_containers(tmp_path):
    text = ("temp,wind,hum\n" + BODY).encode()
    frame = pd.read_csv(io.BytesIO(text))
    zipped, packed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("t.csv", text)
    with pa.output_stream(packed, compression="zstd") as stream:
        stream.write(text)
        stream.flush()
    lines = frame.to_json(orient="records", lines=True).encode()
    files = {
        "a": text, "b": gzip.compress(text), "c": bz2.compress(text),
        "d": lzma.compress(text), "e": zipped.getvalue(), "g": lines,
        "h": gzip.compress(lines), "i": frame.to_json(orient="records").encode(),
    }  # fmt: skip
    frame.to_feather(tmp_path / "j")
    frame.to_parquet(tmp_path / "k")
    frame.to_excel(tmp_path / "l.xlsx", index=False)
    for name, content in files.items():
        written(tmp_path / name, content)
    for path in tmp_path.iterdir():
        pd.testing.assert_frame_equal(prepare(path).rows, frame.astype(float))
    table = pa.table({name: pa.array(frame[name]) for name in frame})
    pd.testing.assert_frame_equal(prepare(table).rows, frame.astype(float))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.4", "a PDF document"), (b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        (b"SQLite format 3\0", "an SQLite database"), (b"\x93NUMPY", "numpy.load"),
        (b"\x89HDF\r\n", "an HDF5 file"), (b"<html><body>", "HTML"),
        (gzip.compress(b"PAR1", mtime=0), "Parquet inside gzip"),
        (b"[" * 100_000, "cannot be read as JSON"), (b'{"a": ', "cannot be read as"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(content, message, tmp_path):
    assert message in refused(written(tmp_path / "t.csv", content))


def test_archives_of_several_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "a\n")
        archive.writestr("b.csv", "b\n")
    assert "2 files (a.csv, b.csv)" in refused(tmp_path / "t.zip")
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        archive.add(tmp_path / "t.zip", "t.zip")
    assert "a tar archive" in refused(tmp_path / "t.tar")
