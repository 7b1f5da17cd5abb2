"""`python -m tests.mutants`: 300 faults, chosen by SEED, as many from each file of the security core as from any other
while it has some. Begun again it goes on, and tries once more what survived; what was found stands in var/mutants.json,
and holds for a file until that file changes."""

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.mutants import faults, running
from tests.mutants.core import CORE, WORDS
from tests.mutants.faults import Fault
from tests.support.sweep import ROOT, SEED

REACHED, FOUND = ROOT / "var" / "mutants-reached.json", ROOT / "var" / "mutants.json"
NUMBER, AT_ONCE = 300, 2
HERE, OURS = Path(__file__).parent, ("db", "metrics", "dashboard", "tests")
ENOUGH = 30.0  # seconds of a processor that the tests take without a fault; those of the file itself first


def chosen(number: int) -> list[Fault]:
    """By turns one of each file; which of a file, no other file decides."""
    decks = [faults.of_file(ROOT, path) for path in CORE]
    for path, deck in zip(CORE, decks, strict=True):
        random.Random(f"{SEED} {path}").shuffle(deck)
    turns = [deck[turn] for turn in range(max(map(len, decks))) for deck in decks if turn < len(deck)]
    return turns[:number]


def state(paths: Iterable[Path]) -> str:
    """What stands in these files, and the seed: while it is the same, what was found holds."""
    digest = hashlib.sha256(str(SEED).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources() -> list[Path]:
    found = (path for top in OURS for path in (ROOT / top).rglob("*.py"))
    return sorted(path for path in found if path.parent != HERE)


def stored(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def store(path: Path, held: dict) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(held, ensure_ascii=False, indent=1))


def held_still(states: dict[str, str]) -> dict[str, str]:
    """What was found of files that are still the same, by the name of the fault; what survived aside."""
    before = stored(FOUND)
    same = {path for path, state in states.items() if before.get("states", {}).get(path) == state}
    found = before.get("found", {})
    return {name: what for name, what in found.items() if what != running.SURVIVED and name.partition(":")[0] in same}


def reached(tree: Path) -> dict:
    """Test → seconds, and the functions of the core that it reaches; what fails without a fault is left out."""
    now, before = state(sources()), stored(REACHED)
    found = before["found"] if before.get("state") == now else {}
    if not found:
        core, begun = {path: (ROOT / path).read_text() for path in CORE}, time.monotonic()
        for path, source in core.items():
            (tree / path).write_text(running.marked(source, path))
        child = running.fork(tree, every_test(), running.Reached(tree / "reached.json"), to_its_end=True)
        while running.ended(child, time.monotonic()) is None:
            time.sleep(0.2)
        for path, source in core.items():
            (tree / path).write_text(source)
        found = json.loads((tree / "reached.json").read_text())
        store(REACHED, {"state": now, "found": found})
        print(f"{len(found['tests'])} tests in {time.monotonic() - begun:.0f} s; failed: {found['failed']}", flush=True)
    return found["tests"]


def every_test() -> list[str]:
    files = sorted({test for tests in CORE.values() for test in tests} | {WORDS})
    return [one for one in files if not any(one.startswith(other + "/") for other in files)]


def tests_for(fault: Fault, tests: dict) -> list[str]:
    """Those that reach its function and those that the file has for itself (what a function answers may be kept, and
    reached by the first who asks alone), these first, then the quickest. Where it lies in no function, or nothing
    reaches it, those that the file is given."""
    function = f"{fault.path}:{fault.function}"
    near = [test for test, one in tests.items() if function in one["functions"]]
    near = near + [test for test in tests if near and test not in near and test.startswith(CORE[fault.path][0])]
    if not near:
        near = [test for test in tests if test.startswith(CORE[fault.path])]
    own = CORE[fault.path]

    def order(test: str) -> tuple[int, float]:
        return next((place for place, one in enumerate(own) if test.startswith(one)), len(own)), tests[test]["seconds"]

    kept, seconds = [test for test in tests if test.startswith(WORDS)], 0.0
    for test in sorted(near, key=order):
        seconds += tests[test]["seconds"]
        if seconds <= ENOUGH:
            kept.append(test)
    return kept


def main(number: int, at_once: int) -> None:
    states, faults_chosen = {path: state([ROOT / path]) for path in CORE}, chosen(number)
    known = held_still(states)
    found = {one.name: known[one.name] for one in faults_chosen if one.name in known}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [running.copied(ROOT, Path(folder) / str(place)) for place in range(at_once)]
        running.load_libraries(trees[0], every_test())
        reaching = reached(trees[0])
        waiting = [one for one in faults_chosen if one.name not in found]
        under_way: dict[Path, tuple[int, Fault, float]] = {}
        while waiting or under_way:
            for tree in trees:
                if tree not in under_way and waiting:
                    fault = waiting.pop(0)
                    (tree / fault.path).write_bytes(fault.put_into((ROOT / fault.path).read_bytes()))
                    tests = tests_for(fault, reaching)
                    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
                    under_way[tree] = running.fork(tree, files, running.Chosen(tests)), fault, time.monotonic()
            for tree, (child, fault, begun) in list(under_way.items()):
                code = running.ended(child, begun)
                if code is not None:
                    (tree / fault.path).write_bytes((ROOT / fault.path).read_bytes())
                    found[fault.name] = running.verdict(code)
                    store(FOUND, {"states": states, "found": found})
                    print(
                        f"{len(found)} {time.monotonic() - begun:.0f} s {found[fault.name]}: {fault.name}", flush=True
                    )
                    del under_way[tree]
            time.sleep(0.05)
    survivors = [name for name, what in found.items() if what == running.SURVIVED]
    print(f"SEED={SEED}: {len(found)} faults, {len(found) - len(survivors)} killed. Survived:", *survivors, sep="\n")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    asked.add_argument("--number", type=int, default=NUMBER)
    asked.add_argument("--at-once", type=int, default=AT_ONCE)
    main(**vars(asked.parse_args()))
