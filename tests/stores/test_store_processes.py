"""Several processes and sudden death: real subprocesses, killed for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_contract import ACME

from procore_spectrum.errors import StoreBusyError, StoreError
from procore_spectrum.ports import Crosswalk, EventQuery, LockRequest, StoreChange
from procore_spectrum.stores import SqliteStore
from procore_spectrum.stores.locks import file_lock

START = """
import os, sys
from store_contract import ACME, begun, event, link
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import LockRequest, StoreChange
from procore_spectrum.stores import SqliteStore
handle = SqliteStore(sys.argv[1]).for_company(ACME)
"""

COMMIT_FOR_EVER = (
    START
    + """
number = 0
while True:
    number += 1
    name = f"{os.getpid()}-{number}"
    handle.commit(StoreChange(
        links=(link(Ref("job", name)),), started=(begun(name),), settled=("none",),
        events=(event("begun", op_id=name), event("done", op_id=name)), facts={name: "done"}))
    print(name, flush=True)
"""
)

HOLD = (
    START
    + """
with handle.lock(LockRequest(name="24-0101", owner="run of ann")):
    print("held", flush=True)
    sys.stdin.read()
"""
)

HOLD_AND_FORK = (
    START
    + """
with handle.lock(LockRequest(name="24-0101", owner="run of ann")):
    if os.fork() == 0:
        try:
            handle.read_started()
        except Exception as error:
            print(type(error).__name__, error.hint, flush=True)
        sys.stdin.read()
        os._exit(0)
    os.wait()
"""
)

COUNT = (
    START
    + """
for number in range(25):
    handle.commit(StoreChange(events=(event(str(number)),)))
"""
)


@contextmanager
def running(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python process with that script; killed with SIGKILL at the end."""
    paths = [*sys.path, str(Path(__file__).parent)]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("commits", [1, 7, 40])
def test_killed_in_the_middle_of_commits(tmp_path: Path, commits: int) -> None:
    """Whatever was confirmed is there, whatever is there is whole, and the store is sound."""
    path = tmp_path / "sync.db"
    with running(COMMIT_FOR_EVER, path) as process:
        confirmed = [said(process) for _ in range(commits)]
        process.kill()
        assert process.stdout is not None
        confirmed += [line.strip() for line in process.stdout if line.endswith("\n")]
    with SqliteStore(path) as store:
        handle = store.for_company(ACME)
        assert handle.verify() == ()
        begun = {operation.op_id for operation in handle.read_started()}
        assert begun >= set(confirmed)
        assert begun == {row.ref.key for row in handle.read_links(Crosswalk(kind="job"))}
        assert {handle.read_fact(name) for name in begun} == {"done"}
        for action in ("begun", "done"):
            lines = handle.read_events(EventQuery(action=action))
            assert {line.op_id for line in lines} == begun
        handle.commit(StoreChange(facts={"after": "the crash"}))


def test_a_lock_excludes_another_process_and_dies_with_it(tmp_path: Path) -> None:
    """The lock names its owner while that lives; after SIGKILL it is free at once."""
    path = tmp_path / "sync.db"
    request = LockRequest(name="24-0101", owner="run of bob", wait_seconds=10)
    with running(HOLD, path) as process, SqliteStore(path) as store:
        assert said(process) == "held"
        handle = store.for_company(ACME)
        hasty = LockRequest(name="24-0101", owner="run of bob")
        with pytest.raises(StoreBusyError, match="run of ann"), handle.lock(hasty):
            pytest.fail("held twice")
        process.kill()
        with handle.lock(request):
            pass


def test_a_forked_child_keeps_no_lock_and_uses_no_connection(tmp_path: Path) -> None:
    """The parent's lock ends with the parent, and the child must open the store anew."""
    path = tmp_path / "sync.db"
    with running(HOLD_AND_FORK, path) as process, SqliteStore(path) as store:
        assert said(process) == "StoreError open it again there"
        process.kill()
        request = LockRequest(name="24-0101", owner="run of bob", wait_seconds=10)
        with store.for_company(ACME).lock(request):
            pass
        assert process.stdin is not None
        process.stdin.close()


def test_processes_share_one_journal(tmp_path: Path) -> None:
    """Processes that start and write at once make one unbroken chain."""
    path = tmp_path / "sync.db"
    with running(COUNT, path) as one, running(COUNT, path) as two:
        assert (one.wait(30), two.wait(30)) == (0, 0)
    with SqliteStore(path) as store:
        handle = store.for_company(ACME)
        assert len(handle.read_events(EventQuery())) == 50
        assert handle.verify() == ()


# ---------------------------------------------------------------- lock files


def test_the_owner_is_gone_with_the_lock(tmp_path: Path) -> None:
    """The file stays, empty, so that nobody reads of an owner who has left."""
    path = tmp_path / "locks" / "a.lock"
    with file_lock(path, LockRequest(name="a", owner="ann \ud800")):
        assert path.read_text() == "ann ?"
    assert path.read_bytes() == b""


def test_a_lock_without_an_owner_is_explained(tmp_path: Path) -> None:
    """If the owner gave no name, the message says so in general words."""
    request = LockRequest(name="a", owner="")
    with (
        file_lock(tmp_path / "a", request),
        pytest.raises(StoreBusyError, match="another run"),
        file_lock(tmp_path / "a", request),
    ):
        pytest.fail("held twice")


@pytest.mark.parametrize("name", ["file/a.lock", "no/such/folder/a.lock", "link"])
def test_a_lock_file_that_cannot_be_opened_is_our_own_error(tmp_path: Path, name: str) -> None:
    """A file as folder, a missing folder and a symbolic link are refused with a hint."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(StoreError, match="local disk"),
        file_lock(tmp_path / name, LockRequest(name="a", owner="ann")),
    ):
        pytest.fail("held")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_locks_is_our_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where locking itself fails, the run stops instead of going on unlocked."""

    def fail(_descriptor: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("procore_spectrum.stores.locks._try_lock", fail)
    with (
        pytest.raises(StoreError, match="not implemented"),
        file_lock(tmp_path / "a", LockRequest(name="a", owner="ann")),
    ):
        pytest.fail("held")


def test_a_full_disk_does_not_stand_in_the_way_of_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner's name is a courtesy: without room for it the lock still works."""

    def fail(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    request = LockRequest(name="a", owner="ann")
    monkeypatch.setattr(os, "write", fail)
    with (
        file_lock(tmp_path / "a", request),
        pytest.raises(StoreBusyError, match="another run"),
        file_lock(tmp_path / "a", request),
    ):
        pytest.fail("held twice")
